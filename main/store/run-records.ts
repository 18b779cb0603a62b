/** Of runs their settings, and by which hashes what they read and were scored on is known. */
import type { Provenance, RunConfig } from '#contract/run.ts';
import type { Database } from './database.ts';

export interface RunRecord {
  readonly config: RunConfig;
  /** Fingerprint of the split it was scored on; before it starts that of its dataset. */
  readonly splitHash: string;
  /** The order of rows it was scored on, where it predicts next items; absent before it starts. */
  readonly sequenceHash?: string;
  /** What defines the comparison it belongs to, where its version recorded that. */
  readonly protocolId?: string;
  /** Hash of each modality's features, once it has read them. */
  readonly features?: Provenance['featureHashes'];
}

/** By id, in one statement for all of them; unknown ids are left out. */
export function recordsOf(database: Database, ids: readonly string[]): ReadonlyMap<string, RunRecord> {
  const rows = database.all<{
    id: string;
    config: string;
    splitHash: string;
    sequenceHash: string | null;
    protocolId: string | null;
    features: string | null;
  }>(
    `SELECT r.id, r.config,
       coalesce(json_extract(r.provenance, '$.splitHash'), json_extract(d.summary, '$.fingerprint.splitHash'), r.data_hash) AS split_hash,
       json_extract(r.provenance, '$.sequenceHash') AS sequence_hash, json_extract(r.provenance, '$.protocolId') AS protocol_id, json_extract(r.provenance, '$.featureHashes') AS features
     FROM run r LEFT JOIN dataset d ON d.id = r.dataset WHERE r.id IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(ids)],
  );
  return new Map(
    rows.map(({ id, config, splitHash, sequenceHash, protocolId, features }) => [
      id,
      {
        config: JSON.parse(config) as RunConfig,
        splitHash,
        ...(sequenceHash === null ? {} : { sequenceHash }),
        ...(protocolId === null ? {} : { protocolId }),
        ...(features === null ? {} : { features: JSON.parse(features) as Provenance['featureHashes'] }),
      },
    ]),
  );
}
