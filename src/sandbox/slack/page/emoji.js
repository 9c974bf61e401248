import { h } from './dom.js'

// Only the short names an incident bot and its readers use; unknown ones are shown as typed, like in Slack.
const names = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  warning: '⚠️',
  rotating_light: '🚨',
  fire: '🔥',
  fire_extinguisher: '🧯',
  fire_engine: '🚒',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  stopwatch: '⏱️',
  alarm_clock: '⏰',
  double_vertical_bar: '⏸️',
  pause_button: '⏸️',
  arrow_forward: '▶️',
  black_square_for_stop: '⏹️',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  octagonal_sign: '🛑',
  construction: '🚧',
  lock: '🔒',
  unlock: '🔓',
  key: '🔑',
  closed_lock_with_key: '🔐',
  shield: '🛡️',
  eyes: '👀',
  mag: '🔍',
  memo: '📝',
  scroll: '📜',
  clipboard: '📋',
  pushpin: '📌',
  bell: '🔔',
  no_bell: '🔕',
  loudspeaker: '📢',
  bust_in_silhouette: '👤',
  busts_in_silhouette: '👥',
  robot_face: '🤖',
  gear: '⚙️',
  wrench: '🔧',
  hammer_and_wrench: '🛠️',
  link: '🔗',
  bar_chart: '📊',
  chart_with_upwards_trend: '📈',
  package: '📦',
  rewind: '⏪',
  leftwards_arrow_with_hook: '↩️',
  arrows_counterclockwise: '🔄',
  repeat: '🔁',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  large_orange_circle: '🟠',
  red_circle: '🔴',
  large_blue_circle: '🔵',
  white_circle: '⚪',
  black_circle: '⚫',
  snowflake: '❄️',
  ice_cube: '🧊',
  test_tube: '🧪',
  bulb: '💡',
  question: '❓',
  grey_question: '❔',
  exclamation: '❗',
  information_source: 'ℹ️',
  thumbsup: '👍',
  '+1': '👍',
  thumbsdown: '👎',
  '-1': '👎',
  tada: '🎉',
  wave: '👋',
  pray: '🙏',
  calendar: '📆',
  email: '📧',
  floppy_disk: '💾',
  zzz: '💤',
  skull: '💀',
  bug: '🐛',
  boom: '💥',
  star: '⭐',
  sparkles: '✨',
}

// Servers and test machines often have no emoji font; these signs are in every common font.
const plainSigns = {
  '✅': '✔',
  '❌': '✘',
  '⛔': '⊘',
  '🚫': '⊘',
  '🛑': '■',
  '⏳': '◔',
  '⌛': '◕',
  '⏸️': '‖',
  '▶️': '▶',
  '⏹️': '■',
  '🔄': '↻',
  '🟢': '●',
  '🟡': '◐',
  '🟠': '◒',
  '🔴': '◉',
  '🔵': '●',
  '⚪': '○',
  '🚨': '‼',
  '🔥': '‼',
  ℹ️: 'ℹ',
}

/** Whether this machine can draw emoji: if not, two different ones come out as the same box. */
const drawable = pixels('🔥') !== pixels('🧊')

function pixels(text) {
  const canvas = h('canvas', { width: 24, height: 24 })
  const context = canvas.getContext('2d')
  context.font = '18px sans-serif'
  context.fillText(text, 0, 18)
  return canvas.toDataURL()
}

/** The character for a short name; undefined when there is none, or none that this machine can draw. */
function sign(name) {
  const found = Object.hasOwn(names, name) ? names[name] : undefined
  if (found === undefined || drawable) return found
  return plainSigns[found] ?? (/^[\u2600-\u2712]\ufe0f?$/.test(found) ? found : undefined)
}

export function emoji(name) {
  const found = sign(name)
  return found === undefined
    ? `:${name}:`
    : h('span', { class: 'emoji', role: 'img', 'aria-label': `${name} emoji` }, found)
}
