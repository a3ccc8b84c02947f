using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Storage;

namespace Orchestrator.SystemTests.Watching;

/// <summary>The streams of a silo on a real journal file, and who watches them: each with a connection that a test holds in its hand.</summary>
internal sealed class WatchedJournal : IDisposable, IHostApplicationLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly SqliteStore store = new(
        Path.Combine(SiloProcess.NewFolder(), "journal.db"),
        "journal"
    );
    private readonly CancellationTokenSource stopping = new();

    public WatchedJournal()
    {
        Journal = new SqliteJournal(store, TimeProvider.System);
        var redactor = new Redactor([]);
        Feed = new FactFeed(
            Journal,
            redactor,
            this,
            TimeProvider.System,
            NullLogger<FactFeed>.Instance
        );
        Streams = new FactStream(Journal, Feed, redactor, this, TimeProvider.System);
    }

    public IJournal Journal { get; }

    public FactFeed Feed { get; }

    public FactStream Streams { get; }

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => stopping.Token;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication() => stopping.Cancel();

    /// <summary>Appends so many facts to a task.</summary>
    public async Task AppendAsync(string task, long version, int count, TaskFact? fact = null)
    {
        var at = TimeProvider.System.GetUtcNow();
        var facts = new TaskFact[count];
        Array.Fill(facts, fact ?? new TaskFact.Resumed("x"));
        var head = new TaskHead
        {
            TaskId = task,
            Version = version + count,
            Phase = TaskPhase.Running,
            CreatedAt = at,
            UpdatedAt = at,
        };
        var outcome = await Journal.AppendAsync(
            new AppendRequest(task, version, at, facts, head),
            Durability.Wait,
            CancellationToken.None
        );
        Xunit.Assert.Equal(AppendOutcome.Appended, outcome);
    }

    /// <summary>Somebody who watches all facts, or a task's, from an id on.</summary>
    public Watcher Watch(string? task = null, long after = 0, bool brief = false) =>
        new(this, task, after, brief);

    public void Dispose()
    {
        StopApplication();
        store.Dispose();
        stopping.Dispose();
    }

    /// <summary>One connection.</summary>
    internal sealed class Watcher : Stream
    {
        private readonly StringBuilder text = new();
        private readonly CancellationTokenSource leaves = new();
        private readonly Lock gate = new();
        private TaskCompletionSource changed = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        private TaskCompletionSource? stuck;

        public Watcher(WatchedJournal journal, string? task, long after, bool brief)
        {
            var context = new DefaultHttpContext { RequestAborted = leaves.Token };
            context.Response.Body = this;
            var from = after.ToString(CultureInfo.InvariantCulture);
            Ends = task is null
                ? FactStream.OfAllAsync(context, journal.Streams, from, brief, null)
                : journal.Streams.OfTaskAsync(context, task, from, null);
        }

        /// <summary>Ends when the stream does.</summary>
        public Task Ends { get; }

        /// <summary>Ids in the order in which they came.</summary>
        public IReadOnlyList<long> Ids
        {
            get
            {
                lock (gate)
                {
                    return
                    [
                        .. text.ToString()
                            .Split('\n')
                            .Where(l => l.StartsWith("id: ", StringComparison.Ordinal))
                            .Select(l => long.Parse(l[4..], CultureInfo.InvariantCulture)),
                    ];
                }
            }
        }

        /// <summary>All that was sent.</summary>
        public string Text
        {
            get
            {
                lock (gate)
                {
                    return text.ToString();
                }
            }
        }

        /// <summary>From now on it takes nothing, until it goes on.</summary>
        public void Stick() =>
            stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GoOn() => stuck!.SetResult();

        public async Task LeaveAsync()
        {
            await leaves.CancelAsync();
            await Ends.WaitAsync(Deadline);
        }

        /// <summary>Waits until an id was sent.</summary>
        public async Task SeenAsync(long id)
        {
            var wanted = $"id: {id.ToString(CultureInfo.InvariantCulture)}\n";
            using var limit = new CancellationTokenSource(Deadline);
            while (true)
            {
                Task next;
                lock (gate)
                {
                    if (text.ToString().Contains(wanted, StringComparison.Ordinal))
                    {
                        return;
                    }
                    next = changed.Task;
                }
                try
                {
                    if (await Task.WhenAny(next, Ends).WaitAsync(limit.Token) == next)
                    {
                        continue;
                    }
                }
                catch (OperationCanceledException)
                {
                    // Told below.
                }
                Xunit.Assert.Fail(
                    $"{id} was not sent. Last: {(Ids is [.., var last] ? last : 0)}. {Ends.Exception}"
                );
            }
        }

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            if (stuck is { } wait)
            {
                await wait.Task.WaitAsync(cancellationToken);
            }
            TaskCompletionSource done;
            lock (gate)
            {
                text.Append(Encoding.UTF8.GetString(buffer.Span));
                (done, changed) = (
                    changed,
                    new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
                );
            }
            done.SetResult();
        }

        public override Task WriteAsync(
            byte[] buffer,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            leaves.Dispose();
            base.Dispose(disposing);
        }
    }
}
