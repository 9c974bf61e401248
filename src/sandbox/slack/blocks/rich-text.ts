import type { Check } from './check.ts'
import { anything, boolean, byType, integer, list, object, oneOf, text } from './check.ts'

const style = object(
  {},
  {
    bold: boolean,
    italic: boolean,
    strike: boolean,
    code: boolean,
    underline: boolean,
    highlight: boolean,
    client_highlight: boolean,
    unlink: boolean,
  },
)

function inline(
  type: string,
  required: Record<string, Check>,
  optional: Record<string, Check> = {},
): [string, Check] {
  return [type, object({ type: oneOf(type), ...required }, { style, ...optional })]
}

const textRun = inline('text', { text: text(40_000, 1) })
const link = inline('link', { url: text(3000, 1) }, { text: text(40_000), unsafe: boolean })

const inlineElement = byType(
  Object.fromEntries([
    textRun,
    link,
    inline(
      'emoji',
      { name: text(255, 1) },
      { unicode: text(255), url: text(3000), skin_tone: integer(1, 6) },
    ),
    inline('user', { user_id: text(255, 1) }),
    inline('usergroup', { usergroup_id: text(255, 1) }),
    inline('channel', { channel_id: text(255, 1) }),
    inline('team', { team_id: text(255, 1) }),
    inline('broadcast', { range: oneOf('here', 'channel', 'everyone') }),
    inline('color', { value: text(255, 1) }),
    inline(
      'date',
      { timestamp: integer(0, 9_999_999_999), format: text(255, 1) },
      { url: text(3000), fallback: text(255) },
    ),
  ]),
)

const border = { border: integer(0, 1) }
const section = object({ type: oneOf('rich_text_section'), elements: list(inlineElement, 1000, 0) })

/** The parts of a `rich_text` block. Slack publishes no item limits for them; 1000 only stops nonsense. */
export const richTextPart = byType({
  rich_text_section: section,
  rich_text_list: object(
    { type: oneOf('rich_text_list'), style: oneOf('bullet', 'ordered'), elements: list(section, 1000) },
    { indent: integer(0, 8), offset: integer(0, 10_000), ...border },
  ),
  rich_text_quote: object({ type: oneOf('rich_text_quote'), elements: list(inlineElement, 1000) }, border),
  rich_text_preformatted: object(
    {
      type: oneOf('rich_text_preformatted'),
      elements: list(byType(Object.fromEntries([textRun, link])), 1000),
    },
    { language: anything, ...border },
  ),
})
