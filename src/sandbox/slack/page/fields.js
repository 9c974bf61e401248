import { checkList, nativeOptions, toEpoch, toLocal } from './choices.js'
import { h } from './dom.js'
import { externalSelect } from './external-select.js'
import { textObject } from './mrkdwn.js'
import { held, heldValues } from './state-value.js'
import { ask } from './store.js'

/** An input block of a dialog: label, control, hint, and its error when there is one. */
export function inputBlock(block, target) {
  const form = target.form ?? messageForm(target)
  const { element, block_id: blockId } = block
  const id = `field-${blockId}`
  const error = form.errors[blockId]
  const state = form.state(blockId, element.action_id)
  const control = makeControl(element, { id, state, address: { ...target.address, blockId } })
  form.readers.push({ blockId, actionId: element.action_id, read: control.read })
  describe(control, { id, block, error })
  control.addEventListener('change', () => {
    form.changed(blockId, element.action_id, control.read())
    if (block.dispatch_action === true) void form.dispatch(blockId, element)
  })
  return [label(control, id, block), control, hint(id, block), fault(id, error)]
}

function label(control, id, block) {
  const native = control.matches('input,select,textarea') ? id : undefined
  const optional = block.optional === true ? h('small', {}, ' (optional)') : []
  return h('label', { id: `${id}-label`, class: 'label', for: native }, textObject(block.label), optional)
}

function hint(id, block) {
  return block.hint === undefined ? [] : h('p', { class: 'hint', id: `${id}-hint` }, textObject(block.hint))
}

function fault(id, error) {
  return error === undefined ? [] : h('p', { class: 'error', id: `${id}-error`, role: 'alert' }, error)
}

/** Input blocks may stand in messages, too: there they have no submit, and only `dispatch_action` sends them. */
function messageForm(target) {
  const readers = []
  return {
    readers,
    errors: {},
    state: () => undefined,
    changed: () => undefined,
    dispatch: (blockId, element) => {
      const value = readers.find((reader) => reader.blockId === blockId)?.read() ?? null
      return ask('act', { ...target.address, blockId, actionId: element.action_id, value })
    },
  }
}

function describe(control, { id, block, error }) {
  const by = [block.hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`]
  const described = by.filter((part) => part !== '').join(' ')
  const inner = control.querySelector('input[role=combobox]') ?? control
  if (described !== '') inner.setAttribute('aria-describedby', described)
  if (error !== undefined) inner.setAttribute('aria-invalid', 'true')
  if (block.optional !== true && inner.matches('input,select,textarea'))
    inner.setAttribute('aria-required', 'true')
}

function makeControl(element, parts) {
  if (/^(radio_buttons|checkboxes|multi_.*)$/.test(element.type)) return choices(element, parts)
  if (element.type === 'external_select') return external(element, parts)
  if (element.type.endsWith('_select')) return select(element, parts)
  return typed(element, parts)
}

function external(element, { id, state, address }) {
  return externalSelect(element, {
    address,
    chosen: held(state),
    labelledBy: `${id}-label`,
    onchange: (_value, box) => box.dispatchEvent(new Event('change')),
  })
}

function choices(element, { id, state }) {
  const control = checkList(element, { chosen: heldValues(state), onchange: () => undefined })
  control.setAttribute('aria-labelledby', `${id}-label`)
  control.removeAttribute('aria-label')
  return control
}

function select(element, { id, state }) {
  const control = h('select', { id }, nativeOptions(element, heldValues(state)))
  control.read = () => (control.value === '' ? null : control.value)
  return control
}

const inputTypes = {
  email_text_input: 'email',
  url_text_input: 'url',
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
}

function typed(element, { id, state }) {
  const both = element.type === 'datetimepicker'
  const start = both ? toLocal(held(state)) : held(state)
  const common = {
    id,
    placeholder: element.placeholder?.text,
    autofocus: element.focus_on_load,
    autocomplete: 'off',
    inputmode: element.type === 'number_input' ? 'numeric' : undefined,
  }
  const control =
    element.multiline === true
      ? h('textarea', { ...common, rows: 4 }, start)
      : h('input', { ...common, type: inputTypes[element.type] ?? 'text', value: start })
  control.read = () => {
    if (both) return toEpoch(control.value)
    return control.value === '' ? null : control.value
  }
  return control
}
