import { httpReceiver } from './http-receiver.ts'

type Doc = { readonly id: string; readonly [key: string]: unknown }
/** What becomes of one document: undefined means that it is stored. */
type Verdict = { readonly status: number; readonly type: string } | undefined

/** The `_bulk` endpoint of Elasticsearch: `create` operations, each with an answer of its own. */
export async function elasticsearchReceiver() {
  const docs = new Map<string, Doc>()
  const ids: string[] = []
  const state: { judge: (doc: Doc) => Verdict } = { judge: () => undefined }
  const receiver = await httpReceiver(({ body }) => {
    const lines = body.split('\n')
    if (lines.pop() !== '') throw new Error('a bulk body ends with a line break')
    const items = Array.from({ length: lines.length / 2 }, (_, at) => {
      const { create } = JSON.parse(lines[2 * at] ?? '') as { create: { _id: string } }
      const doc = JSON.parse(lines[2 * at + 1] ?? '') as Doc
      return { create: store(create._id, doc) }
    })
    return JSON.stringify({ errors: items.some(({ create }) => create.status > 299), items })
  })
  const store = (id: string, doc: Doc) => {
    ids.push(id)
    if (docs.has(id)) return { status: 409, error: { type: 'version_conflict_engine_exception' } }
    const verdict = state.judge(doc)
    if (verdict !== undefined) return { status: verdict.status, error: { type: verdict.type } }
    docs.set(id, doc)
    return { status: 201 }
  }
  return {
    ...receiver,
    docs,
    ids,
    judge: (judge: (doc: Doc) => Verdict) => {
      state.judge = judge
    },
  }
}
