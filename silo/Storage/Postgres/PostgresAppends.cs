using System.Globalization;
using Npgsql;
using Orchestrator.Decisions.Audit;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>
/// Turns the appends of a batch into one statement and its answer into one outcome each. Hashes and counts are worked out
/// here from what is known of each task's end; the statement writes a task only where that still is its end. One append
/// per task and batch. Only in the writer's loop.
/// </summary>
internal sealed partial class PostgresAppends(CommitSignals signals)
{
    // Only an append that expects no version is sent again. Past the first tries it looks the end up in its turn, where
    // nobody can be faster; the limit is for what must not happen.
    private const int TriesWithoutTurn = 2;
    private const int TriesMax = 5;
    private readonly TailCache tails = new();

    /// <summary>Nothing is known any more: the connection broke, or a batch was refused.</summary>
    public void Forget() => tails.Clear();

    /// <summary>Whether others were faster so often that the ends must be looked up with the journal's lock held.</summary>
    public static bool NeedTurn(IReadOnlyList<AppendOperation> appends) =>
        appends.Any(a => a.Tries >= TriesWithoutTurn);

    /// <summary>Looks up the ends that are not known; none for a task that is new or was written here lately.</summary>
    public async Task LookUpAsync(
        NpgsqlConnection connection,
        IReadOnlyList<AppendOperation> appends,
        CancellationToken cancellationToken
    )
    {
        var unknown = appends.Where(NeedsLook).Select(a => a.Request.TaskId).ToArray();
        if (unknown.Length == 0)
        {
            return;
        }
        await using var command = new NpgsqlCommand(TailSql, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = unknown });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            Learn(row);
        }
    }

    /// <summary>The statement, and what each task's end will be.</summary>
    public (NpgsqlBatchCommand Command, TaskTail[] Ends) Make(
        IReadOnlyList<AppendOperation> appends
    )
    {
        var columns = new AppendColumns(appends.Count);
        var ends = new TaskTail[appends.Count];
        for (var i = 0; i < appends.Count; i++)
        {
            var request = appends[i].Request;
            var tail = tails.Find(request.TaskId) ?? TaskTail.New(request.TaskId);
            if (request.ExpectedVersion >= 0 && request.ExpectedVersion != tail.Version)
            {
                // It will be refused; sent all the same, because the host's fence is judged before the version.
                tail = tail with
                {
                    Version = request.ExpectedVersion,
                };
            }
            ends[i] = columns.Add(i, appends[i], tail);
        }
        return (columns.Command(AppendSql), ends);
    }

    /// <summary>Reads the answer; afterwards the batch must be committed before <see cref="End"/>.</summary>
    public static async Task<AppendAnswer> ReadAsync(
        NpgsqlDataReader row,
        CancellationToken cancellationToken
    )
    {
        var answer = new AppendAnswer();
        while (await row.ReadAsync(cancellationToken))
        {
            switch (row.GetInt32(0))
            {
                case 0:
                    answer.Base = row.GetInt64(2);
                    break;
                case var n and > 0:
                    answer.Refused.Add(n - 1, (row.GetBoolean(1), row.GetInt64(2)));
                    break;
                default:
                    break;
            }
        }
        return answer;
    }

    /// <summary>Tells each caller, after the commit; wakes who waits for the facts. Returns what must be sent again.</summary>
    public List<AppendOperation> End(
        IReadOnlyList<AppendOperation> appends,
        TaskTail[] ends,
        AppendAnswer answer
    )
    {
        var again = new List<AppendOperation>();
        var position = answer.Base;
        for (var i = 0; i < appends.Count; i++)
        {
            var request = appends[i].Request;
            if (!answer.Refused.TryGetValue(i, out var refused))
            {
                position += appends[i].Payloads.Length;
                tails.Set(request.TaskId, ends[i]);
                signals.Announce(JournalPartitions.Of(request.TaskId), position);
                appends[i].End(AppendOutcome.Appended);
                continue;
            }
            tails.Forget(request.TaskId);
            if (refused.Fenced)
            {
                appends[i].End(AppendOutcome.Fenced);
            }
            else if (request.ExpectedVersion >= 0 && request.ExpectedVersion != refused.Version)
            {
                appends[i].End(AppendOutcome.Conflict);
            }
            else if (++appends[i].Tries < TriesMax)
            {
                again.Add(appends[i]);
            }
            else
            {
                appends[i]
                    .Fail(
                        new StorageException(
                            $"Others write to {request.TaskId} all the time: {TriesMax} tries were too late. Try again later."
                        )
                    );
            }
        }
        return again;
    }

    /// <summary>What another silo's commit tells.</summary>
    public static void Announce(CommitSignals signals, string payload)
    {
        foreach (var part in payload.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (
                colon > 0
                && int.TryParse(
                    part.AsSpan(0, colon),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var partition
                )
                && partition < JournalPartitions.Count
                && long.TryParse(
                    part.AsSpan(colon + 1),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var position
                )
            )
            {
                signals.Announce(partition, position);
            }
        }
    }

    private void Learn(NpgsqlDataReader row)
    {
        var task = row.GetString(0);
        tails.Set(
            task,
            new TaskTail(
                row.GetInt64(1),
                row.IsDBNull(2) ? HashChain.Anchor(task) : row.GetFieldValue<byte[]>(2),
                row.IsDBNull(3) ? null : (TaskPhase)row.GetInt16(3),
                row.IsDBNull(4) ? default : new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero)
            )
        );
    }

    private bool NeedsLook(AppendOperation append)
    {
        var expected = append.Request.ExpectedVersion;
        return tails.Find(append.Request.TaskId) is { } tail
            ? expected > tail.Version
            : expected != 0 || append.Tries > 0;
    }
}

/// <summary>What the statement said.</summary>
internal sealed class AppendAnswer
{
    /// <summary>The journal's end before the batch.</summary>
    public long Base { get; set; }

    /// <summary>By index: the host's epoch is over, or the task's end is another, namely this version.</summary>
    public Dictionary<int, (bool Fenced, long Version)> Refused { get; } = [];
}
