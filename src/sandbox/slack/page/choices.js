import { h } from './dom.js'
import { textObject } from './mrkdwn.js'
import { optionGroups } from './state-value.js'
import { store } from './store.js'

let names = 0

/** Radio buttons, checkboxes, or a multi-select, as a list that works with keyboard and thumb. */
export function checkList(spec, { chosen, onchange }) {
  names += 1
  const single = spec.type === 'radio_buttons'
  const options = optionGroups(spec, peopleOrChannels).flatMap((group) => group.options)
  const inputs = options.map((option) =>
    h('input', {
      type: single ? 'radio' : 'checkbox',
      name: `choice-${names}`,
      value: option.value,
      checked: chosen.includes(option.value),
    }),
  )
  const value = () => {
    const on = inputs.filter((input) => input.checked).map((input) => input.value)
    return single ? (on[0] ?? null) : on
  }
  const list = h(
    'div',
    {
      class: 'choices',
      role: single ? 'radiogroup' : 'group',
      'aria-label': spec.placeholder?.text,
      onchange: () => onchange(value(), list),
    },
    options.map((option, index) => h('label', {}, inputs[index], optionText(option))),
  )
  list.read = value
  return list
}

function optionText(option) {
  const more = option.description === undefined ? [] : h('small', {}, textObject(option.description))
  return h('span', {}, textObject(option.text), more)
}

/** The `<option>`s of a native select, the chosen ones marked. */
export function nativeOptions(spec, chosen) {
  return [
    h('option', { value: '' }, spec.placeholder?.text ?? 'Choose an option'),
    ...optionGroups(spec, peopleOrChannels).map((group) => {
      const options = group.options.map((o) =>
        h('option', { value: o.value, selected: chosen.includes(o.value) }, o.text.text),
      )
      return group.label === undefined ? options : h('optgroup', { label: group.label.text }, options)
    }),
  ]
}

function plainOption(value, text) {
  return { value, text: { type: 'plain_text', text } }
}

/** Options of the selects that offer people or channels. */
export function peopleOrChannels(spec) {
  if (spec.type.includes('users')) {
    return store.state.people.map((person) => plainOption(person.id, person.realName))
  }
  const rooms = store.state.channels.filter((c) => c.kind === 'channel')
  return rooms.map((channel) => plainOption(channel.id, `#${channel.name}`))
}

/** Seconds since 1970 ↔ the value of a datetime-local input. */
export function toLocal(seconds) {
  if (seconds === undefined || seconds === null) return undefined
  const when = new Date(seconds * 1000)
  return new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export function toEpoch(local) {
  return local === '' ? null : Math.floor(new Date(local).getTime() / 1000)
}
