using Npgsql;
using Orchestrator.Decisions.Audit;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>A batch of appends as the arrays that the one statement takes.</summary>
internal sealed class AppendColumns(int tasks)
{
    private readonly List<string> taskIds = new(tasks);
    private readonly List<long> versions = new(tasks);
    private readonly List<byte[]> hashes = new(tasks);
    private readonly List<string> hosts = new(tasks);
    private readonly List<long> epochs = new(tasks);
    private readonly List<int> counts = new(tasks);

    private readonly List<(
        int N,
        string Task,
        long Sequence,
        short Partition,
        byte[] Payload,
        byte[] Hash
    )> facts = new(tasks);
    private readonly List<(int N, TaskHead Head, byte[] Body)> heads = new(tasks);
    private readonly List<(int N, TaskPhase Phase, int By)> phases = [];
    private readonly List<(int N, string Measure, int Bucket)> buckets = [];
    private readonly List<(int N, RollupRow Row)> rollups = [];
    private readonly List<(int N, string Name, long At)> spans = [];
    private readonly List<(int N, SpendRow Row)> spending = [];
    private readonly List<(int N, Tally Row)> tallies = [];

    /// <summary>Adds an append to a task with this end; returns its end afterwards.</summary>
    public TaskTail Add(int index, AppendOperation append, TaskTail tail)
    {
        var (request, n) = (append.Request, index + 1);
        taskIds.Add(request.TaskId);
        versions.Add(tail.Version);
        hashes.Add(tail.Hash);
        hosts.Add(request.Host);
        epochs.Add(request.HostEpoch);
        counts.Add(append.Payloads.Length);
        var (partition, hash) = ((short)JournalPartitions.Of(request.TaskId), tail.Hash);
        for (var i = 0; i < append.Payloads.Length; i++)
        {
            hash = HashChain.Next(hash, append.Payloads[i]);
            facts.Add(
                (n, request.TaskId, tail.Version + i + 1, partition, append.Payloads[i], hash)
            );
        }
        var end = tail with { Version = tail.Version + append.Payloads.Length, Hash = hash };
        if (request.Head is not { } head)
        {
            return end;
        }
        heads.Add((n, head, append.Head!));
        var changes = RollupChanges.Of(request, head, tail.Phase, tail.UpdatedAt);
        phases.AddRange(changes.Phases.Select(p => (n, p.Phase, p.By)));
        buckets.AddRange(changes.Buckets.Select(b => (n, b.Measure, b.Bucket)));
        rollups.AddRange(changes.Rows.Select(r => (n, r)));
        spans.AddRange(changes.Spans.Select(s => (n, s.Name, s.At.UtcTicks)));
        spending.AddRange(changes.Spending.Select(r => (n, r)));
        tallies.AddRange(changes.Tallies.Select(r => (n, r)));
        return end with { Phase = head.Phase, UpdatedAt = head.UpdatedAt };
    }

    /// <summary>The statement with its values.</summary>
    public NpgsqlBatchCommand Command(string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        void Add<T>(IEnumerable<T> column) =>
            command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. column] });

        Add(taskIds);
        Add(versions);
        Add(hashes);
        Add(hosts);
        Add(epochs);
        Add(counts);

        Add(facts.Select(f => f.N));
        Add(facts.Select(f => f.Task));
        Add(facts.Select(f => f.Sequence));
        Add(facts.Select(f => f.Partition));
        Add(facts.Select(f => f.Payload));
        Add(facts.Select(f => f.Hash));

        Add(heads.Select(h => h.N));
        Add(heads.Select(h => h.Head.TaskId));
        Add(heads.Select(h => h.Head.Version));
        Add(heads.Select(h => (short)h.Head.Phase));
        Add(heads.Select(h => (short)h.Head.Priority));
        Add(heads.Select(h => h.Head.Due?.ToUnixTimeMilliseconds()));
        Add(heads.Select(h => h.Head.Owes));
        Add(heads.Select(h => h.Head.Requester));
        Add(heads.Select(h => h.Head.CreatedAt.UtcTicks));
        Add(heads.Select(h => h.Head.UpdatedAt.UtcTicks));

        Add(phases.Select(p => p.N));
        Add(phases.Select(p => (short)p.Phase));
        Add(phases.Select(p => p.By));

        Add(buckets.Select(b => b.N));
        Add(buckets.Select(b => b.Measure));
        Add(buckets.Select(b => b.Bucket));

        Add(rollups.Select(r => r.N));
        Add(rollups.Select(r => (short)r.Row.Kind));
        Add(rollups.Select(r => r.Row.Outcome));
        Add(rollups.Select(r => (short)r.Row.Error));
        Add(rollups.Select(r => r.Row.CostMicroUsd));
        Add(rollups.Select(r => r.Row.Tokens));

        Add(spans.Select(s => s.N));
        Add(spans.Select(s => s.Name));
        Add(spans.Select(s => s.At));

        Add(heads.Select(h => h.Body));

        Add(spending.Select(r => r.N));
        Add(spending.Select(r => r.Row.Day));
        Add(spending.Select(r => r.Row.Scope));
        Add(spending.Select(r => r.Row.Name));
        Add(spending.Select(r => r.Row.Runs));
        Add(spending.Select(r => r.Row.CostMicroUsd));
        Add(spending.Select(r => r.Row.Tokens));

        Add(tallies.Select(r => r.N));
        Add(tallies.Select(r => r.Row.Measure));
        Add(tallies.Select(r => r.Row.Day));
        Add(tallies.Select(r => r.Row.Name));
        Add(tallies.Select(r => r.Row.Bucket));
        Add(tallies.Select(r => r.Row.Amount));
        return command;
    }
}
