import { checkList, nativeOptions, toEpoch, toLocal } from './choices.js'
import { confirmed } from './confirm.js'
import { h, toast } from './dom.js'
import { externalSelect } from './external-select.js'
import { textObject } from './mrkdwn.js'
import { overflow } from './overflow.js'
import { ask, failures } from './store.js'

const kinds = {
  button,
  overflow,
  image: picture,
  radio_buttons: choose,
  checkboxes: choose,
  multi_static_select: choose,
  multi_users_select: choose,
  multi_channels_select: choose,
  multi_conversations_select: choose,
  external_select: external,
  datepicker: picker,
  timepicker: picker,
  datetimepicker: picker,
}

/**
 * An interactive element outside an input block. `target` says where it is: `address` (channel and ts, or viewId) and,
 * in a dialog, `values` with what has been typed so far.
 */
export function element(spec, blockId, target) {
  const act = (value, node) => send({ spec, blockId, target, value }, node)
  const make = Object.hasOwn(kinds, spec.type) ? kinds[spec.type] : select
  return make(spec, act, { ...target.address, blockId })
}

function initial(spec) {
  const options = spec.initial_options ?? (spec.initial_option === undefined ? [] : [spec.initial_option])
  return options.map((option) => option.value)
}

async function send({ spec, blockId, target, value }, node) {
  if (!(await confirmed(spec.confirm))) return false
  node.setAttribute('aria-busy', 'true')
  const values = target.values === undefined ? {} : { values: target.values() }
  const answer = await ask('act', { ...target.address, ...values, actionId: spec.action_id, blockId, value })
  node.removeAttribute('aria-busy')
  if (answer !== undefined && !answer.ok) toast(failures[answer.error] ?? answer.error, 'error')
  return true
}

function button(spec, act) {
  const press = () => {
    if (spec.url !== undefined && /^https?:/i.test(spec.url)) window.open(spec.url, '_blank', 'noopener')
    void act(null, node)
  }
  const attributes = { type: 'button', class: spec.style ?? 'plain', 'aria-label': spec.accessibility_label }
  const node = h('button', { ...attributes, onclick: press }, textObject(spec.text))
  return node
}

/** The page asks nobody outside for anything, so a picture is shown by its description. */
export function picture(spec) {
  return h('span', { class: 'picture', role: 'img', 'aria-label': spec.alt_text }, `Image: ${spec.alt_text}`)
}

function choose(spec, act) {
  return checkList(spec, { chosen: initial(spec), onchange: act })
}

function external(spec, act, address) {
  return externalSelect(spec, { address, onchange: act })
}

function select(spec, act) {
  const changed = async () => {
    if (!(await act(node.value, node))) node.value = ''
  }
  const label = spec.placeholder?.text ?? 'Choose an option'
  const node = h('select', { 'aria-label': label, onchange: changed }, nativeOptions(spec, initial(spec)))
  return node
}

const inputTypes = { datepicker: 'date', timepicker: 'time', datetimepicker: 'datetime-local' }

function picker(spec, act) {
  const both = spec.type === 'datetimepicker'
  const start = both ? toLocal(spec.initial_date_time) : (spec.initial_date ?? spec.initial_time)
  const node = h('input', {
    type: inputTypes[spec.type],
    value: start,
    'aria-label': spec.placeholder?.text ?? spec.type,
    onchange: () => void act(both ? toEpoch(node.value) : node.value, node),
  })
  return node
}
