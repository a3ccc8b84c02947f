namespace Orchestrator.Silo.Storage.Postgres;

internal sealed partial class PostgresAppends
{
    /// <summary>Channel of the wake-ups, one per schema; the payload is <c>PARTITION:POSITION …</c>.</summary>
    public const string Channel = "'orchestrator_journal.' || current_schema()";

    // One statement for all tasks of a batch, sent after the journal's lock is held, so that its snapshot holds all that
    // was committed before. $1-$6 task, expected version and hash, host, epoch, number of facts (one element per task);
    // $7-$12 facts; $13-$22 heads; $23-$25 phases; $26-$28 buckets; $29-$34 rollups; $35-$37 spans; $38 bodies of
    // heads; $39-$45 spending; $46-$51 tallies: each of those but the bodies begins with the number of its task in the batch, from 1.
    private const string AppendSql = $"""
        WITH op AS MATERIALIZED (
          SELECT o.n::int AS n, o.facts, coalesce(f.sequence, 0) AS version,
            EXISTS (SELECT 1 FROM host h WHERE h.name = o.host AND h.epoch > o.epoch) AS fenced,
            coalesce(f.sequence, 0) = o.version AND coalesce(f.hash = o.hash, true) AS same
          FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::bigint[], $6::int[])
            WITH ORDINALITY o (task, version, hash, host, epoch, facts, n)
          LEFT JOIN LATERAL (
            SELECT sequence, hash FROM fact WHERE task_id = o.task ORDER BY sequence DESC LIMIT 1) f ON true
        ),
        verdict AS MATERIALIZED (
          SELECT array_agg(same AND NOT fenced ORDER BY n) AS fits,
            coalesce(sum(facts) FILTER (WHERE same AND NOT fenced), 0) AS total,
            count(*) FILTER (WHERE fenced) AS fenced
          FROM op
        ),
        base AS (
          UPDATE journal_end SET position = position + total FROM verdict WHERE total > 0
          RETURNING position - total AS position
        ),
        written AS (
          INSERT INTO fact (position, task_id, sequence, partition, payload, hash)
          SELECT base.position + row_number() OVER (ORDER BY x.i), x.task, x.sequence, x.partition, x.payload, x.hash
          FROM base, verdict, unnest($7::int[], $8::text[], $9::bigint[], $10::smallint[], $11::bytea[], $12::bytea[])
            WITH ORDINALITY x (n, task, sequence, partition, payload, hash, i)
          WHERE verdict.fits[x.n]
          RETURNING partition, position
        ),
        heads AS (
          INSERT INTO head (task_id, version, phase, priority, due, owes, requester, created, updated, body)
          SELECT x.task, x.version, x.phase, x.priority, x.due, x.owes, x.requester, x.created, x.updated, x.body
          FROM verdict, unnest($13::int[], $14::text[], $15::bigint[], $16::smallint[], $17::smallint[], $18::bigint[],
            $19::bool[], $20::text[], $21::bigint[], $22::bigint[], $38::bytea[])
            x (n, task, version, phase, priority, due, owes, requester, created, updated, body)
          WHERE verdict.fits[x.n]
          ON CONFLICT (task_id) DO UPDATE SET version = excluded.version, phase = excluded.phase,
            priority = excluded.priority, due = excluded.due, owes = excluded.owes, updated = excluded.updated, body = excluded.body
        ),
        phases AS (
          INSERT INTO phase_count AS c (phase, n)
          SELECT x.phase, sum(x.by) FROM verdict, unnest($23::int[], $24::smallint[], $25::int[]) x (n, phase, by)
          WHERE verdict.fits[x.n] GROUP BY x.phase
          ON CONFLICT (phase) DO UPDATE SET n = c.n + excluded.n
        ),
        buckets AS (
          INSERT INTO histogram AS h (measure, bucket, n)
          SELECT x.measure, x.bucket, count(*) FROM verdict, unnest($26::int[], $27::text[], $28::int[]) x (n, measure, bucket)
          WHERE verdict.fits[x.n] GROUP BY x.measure, x.bucket
          ON CONFLICT (measure, bucket) DO UPDATE SET n = h.n + excluded.n
        ),
        rollups AS (
          INSERT INTO rollup AS r (kind, outcome, error_class, n, cost_microusd, tokens)
          SELECT x.kind, x.outcome, x.error, count(*), sum(x.cost), sum(x.tokens)
          FROM verdict, unnest($29::int[], $30::smallint[], $31::text[], $32::smallint[], $33::bigint[], $34::bigint[])
            x (n, kind, outcome, error, cost, tokens)
          WHERE verdict.fits[x.n] GROUP BY x.kind, x.outcome, x.error
          ON CONFLICT (kind, outcome, error_class) DO UPDATE SET n = r.n + excluded.n,
            cost_microusd = r.cost_microusd + excluded.cost_microusd, tokens = r.tokens + excluded.tokens
        ),
        spans AS (
          INSERT INTO span AS s (name, at)
          SELECT x.name, CASE WHEN x.name = '{RollupChanges.First}' THEN min(x.at) ELSE max(x.at) END
          FROM verdict, unnest($35::int[], $36::text[], $37::bigint[]) x (n, name, at)
          WHERE verdict.fits[x.n] GROUP BY x.name
          ON CONFLICT (name) DO UPDATE SET at = greatest(s.at, excluded.at) WHERE s.name <> '{RollupChanges.First}'
        ),
        spending AS (
          INSERT INTO spending AS s (day, scope, name, runs, cost_microusd, tokens)
          SELECT x.day, x.scope, x.name, sum(x.runs), sum(x.cost), sum(x.tokens)
          FROM verdict, unnest($39::int[], $40::int[], $41::text[], $42::text[], $43::bigint[], $44::bigint[], $45::bigint[])
            x (n, day, scope, name, runs, cost, tokens)
          WHERE verdict.fits[x.n] GROUP BY x.day, x.scope, x.name
          ON CONFLICT (day, scope, name) DO UPDATE SET runs = s.runs + excluded.runs,
            cost_microusd = s.cost_microusd + excluded.cost_microusd, tokens = s.tokens + excluded.tokens
        ),
        tallies AS (
          INSERT INTO tally AS t (measure, day, name, bucket, amount)
          SELECT x.measure, x.day, x.name, x.bucket, sum(x.amount)
          FROM verdict, unnest($46::int[], $47::text[], $48::int[], $49::text[], $50::int[], $51::bigint[])
            x (n, measure, day, name, bucket, amount)
          WHERE verdict.fits[x.n] GROUP BY x.measure, x.day, x.name, x.bucket
          ON CONFLICT (measure, day, name, bucket) DO UPDATE SET amount = t.amount + excluded.amount
        ),
        refused AS (
          INSERT INTO counter AS c (name, n) SELECT 'fenced', fenced FROM verdict WHERE fenced > 0
          ON CONFLICT (name) DO UPDATE SET n = c.n + excluded.n
        )
        SELECT 0 AS n, false AS fenced, position AS version FROM base
        UNION ALL SELECT n, fenced, version FROM op WHERE fenced OR NOT same
        UNION ALL SELECT -1, false, 0 FROM (
          SELECT string_agg(partition || ':' || position, ' ') AS ends
          FROM (SELECT partition, max(position) AS position FROM written GROUP BY partition) e
          HAVING count(*) > 0) e, pg_notify({Channel}, e.ends)
        """;

    private const string TailSql = """
        SELECT t.task, coalesce(f.sequence, 0), f.hash, h.phase, h.updated
        FROM unnest($1::text[]) t (task)
        LEFT JOIN LATERAL (SELECT sequence, hash FROM fact WHERE task_id = t.task ORDER BY sequence DESC LIMIT 1) f ON true
        LEFT JOIN head h ON h.task_id = t.task
        """;
}
