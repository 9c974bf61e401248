import type { AnchorSettings, BucketAnchorSettings } from '../../core/sink-settings.ts'
import type { Anchor } from './anchor.ts'
import { bucketAnchor, type LockedBucket } from './bucket.ts'
import { compareAnchors, type ComparedLog, type Comparison, contradicts } from './compare.ts'
import { fileAnchor } from './file.ts'
import { AnchorKeeper, type AnchorStatus, type KeeperParts } from './keeper.ts'
import { type AnchorChannel, slackAnchor } from './slack.ts'

export type AnchorsParts = KeeperParts & {
  /** Name of the log, as in its checkpoints. */
  readonly origin: string
  /** Slack, once it is connected. */
  readonly slack: () => AnchorChannel | undefined
  /** A bucket whose objects nobody can delete for a time. Nothing is connected before it is used. */
  readonly bucket: (settings: BucketAnchorSettings) => LockedBucket
}

export type Anchors = {
  /**
   * Holds the log against the last `limit` checkpoints of each anchor. From then on an anchor that contradicts the log, or
   * knows only another one of its name, is given no more of them: they would bury the proof.
   */
  readonly compare: (log: ComparedLog, limit: number) => Promise<readonly Comparison[]>
  /** Puts a checkpoint into every anchor, in the background. */
  readonly keep: (checkpoint: string) => void
  readonly status: () => readonly AnchorStatus[]
  readonly close: () => Promise<void>
}

/** People read along in a channel, and each object in a bucket is kept for a year. */
const GAPS_MS = { file: 10_000, slack: 60_000, s3: 60_000 } as const

/** Comparing with all that an anchor has, a person waits for it, and its client for two minutes at most. */
const PATIENCE_MS = 100_000

export function openAnchors(settings: readonly AnchorSettings[], parts: AnchorsParts): Anchors {
  const opened = settings.map((one) => ({ kind: one.kind, anchor: openAnchor(one, parts) }))
  const anchors = opened.map(({ anchor }) => anchor)
  const keepers = opened.map(({ kind, anchor }) => {
    const { gapMs = GAPS_MS[kind] } = parts
    return { name: anchor.name, keeper: new AnchorKeeper(anchor, { ...parts, gapMs }) }
  })
  const disputed = new Set<string>()
  return {
    compare: async (log, limit) => {
      const comparisons = await compareAnchors(anchors, log, {
        limit,
        ...(Number.isFinite(limit) ? {} : { timeoutMs: PATIENCE_MS }),
      })
      for (const one of comparisons) if (contradicts(one) || one.state === 'foreign') disputed.add(one.name)
      return comparisons
    },
    keep: (checkpoint) => {
      for (const { name, keeper } of keepers) if (!disputed.has(name)) keeper.keep(checkpoint)
    },
    status: () => keepers.map(({ keeper }) => keeper.status()),
    close: async () => {
      await Promise.all(keepers.map(({ keeper }) => keeper.close()))
    },
  }
}

function openAnchor(settings: AnchorSettings, { origin, slack, bucket }: AnchorsParts): Anchor {
  switch (settings.kind) {
    case 'file':
      return fileAnchor({ ...settings, origin })
    case 'slack':
      return slackAnchor({ ...settings, slack })
    case 's3':
      return bucketAnchor({ ...settings, origin, bucket: bucket(settings) })
  }
}
