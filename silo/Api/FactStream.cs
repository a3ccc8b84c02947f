using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>
/// Facts as server-sent events; the id is the position (of one task's facts: the sequence), so that a watcher resumes with
/// Last-Event-ID without a gap. What is old comes from the journal, what is new from the feed that all watchers share.
/// </summary>
internal sealed class FactStream(
    IJournal journal,
    FactFeed feed,
    Redactor redactor,
    IHostApplicationLifetime lifetime,
    TimeProvider time
)
{
    private const int Page = 500;
    private const int BriefPage = 32;

    // A comment so often keeps proxies from closing a quiet stream and shows us a watcher that left.
    private static readonly TimeSpan QuietMax = TimeSpan.FromSeconds(10);

    // A board reads its list anew at most every 1.5 seconds: it need not be told more often than its reader can see.
    private static readonly TimeSpan BriefPause = TimeSpan.FromSeconds(1);

    /// <summary>One task's facts from the given id on, then live, until the caller leaves.</summary>
    public Task OfTaskAsync(HttpContext context, string id, string? after, string? lastEventId) =>
        StreamAsync(context, new Watch(id, false) { Last = From(after, lastEventId) });

    /// <summary>All facts; with <c>brief=true</c> only which of which task, of those that come at once the last, without steps of agents.</summary>
    public static Task OfAllAsync(
        HttpContext context,
        FactStream streams,
        string? after,
        bool? brief,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId
    ) =>
        streams.StreamAsync(
            context,
            new Watch(null, brief == true) { Last = From(after, lastEventId) }
        );

    private static long From(string? after, string? lastEventId) =>
        lastEventId is { Length: > 0 }
            ? Bodies.Number("Last-Event-ID", lastEventId, 0, 0, long.MaxValue)
            : Bodies.Number("after", after, 0, 0, long.MaxValue);

    private async Task StreamAsync(HttpContext context, Watch watch)
    {
        // A stream has no end of its own: one that went on would hold up a silo that is told to stop. Its watcher connects
        // again, to another silo or to the next life of this one.
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted,
            lifetime.ApplicationStopping
        );
        var token = ends.Token;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        var to = context.Response.BodyWriter;
        try
        {
            // The headers go at once, whether there is something to tell or not: a browser shows by them that it is live.
            await context.Response.Body.FlushAsync(token);
            using var lease = await feed.JoinAsync(token);
            while (!token.IsCancellationRequested)
            {
                var seen = watch.Brief
                    ? await TellLastAsync(watch, lease.Window, to, token)
                    : await ReadOldAsync(watch, lease.Window, to, token);
                await FollowAsync(watch, seen, lease.Window, to, token);
            }
        }
        catch (OperationCanceledException)
        {
            // The watcher left, or the silo does: nothing to tell anybody.
        }
    }

    // Until the journal has no more: from the returned position on, the window has it all.
    private async Task<long> ReadOldAsync(
        Watch watch,
        FactWindow window,
        PipeWriter to,
        CancellationToken token
    )
    {
        while (true)
        {
            var seen = window.End;
            var page = watch.TaskId is { } task
                ? await journal.ReadTaskAsync(task, watch.Last, Page, token)
                : await journal.ReadAllAsync(watch.Last, Page, token);
            Write(to, watch, [.. page.Select(e => SentFact.Of(e, redactor))]);
            await to.FlushAsync(token);
            if (page.Count < Page)
            {
                return seen;
            }
        }
    }

    // Of what is old a list hears the last alone, so it is looked for from the end; from the returned position on as above.
    private async Task<long> TellLastAsync(
        Watch watch,
        FactWindow window,
        PipeWriter to,
        CancellationToken token
    )
    {
        var seen = window.End;
        for (var end = seen; end > watch.Last; end -= BriefPage)
        {
            var begin = Math.Max(watch.Last, end - BriefPage);
            var page = await journal.ReadAllAsync(begin, BriefPage, token);
            var last = page.Select(e => SentFact.Of(e, redactor))
                .LastOrDefault(f => f.Brief is not null);
            if (last is not null)
            {
                Write(to, watch, [last]);
                await to.FlushAsync(token);
                break;
            }
        }
        return seen;
    }

    // Returns when the watcher has fallen behind what the window keeps; a list never does.
    private async Task FollowAsync(
        Watch watch,
        long seen,
        FactWindow window,
        PipeWriter to,
        CancellationToken token
    )
    {
        while (Next(watch, window, seen) is var (facts, upTo))
        {
            seen = upTo;
            if (Write(to, watch, facts))
            {
                await to.FlushAsync(token);
                if (watch.Brief)
                {
                    await Task.Delay(BriefPause, time, token);
                    continue;
                }
            }
            try
            {
                await window.BeyondAsync(seen, watch.TaskId).WaitAsync(QuietMax, time, token);
            }
            catch (TimeoutException)
            {
                to.Write(": quiet\n\n"u8);
                await to.FlushAsync(token);
            }
        }
    }

    private static (IReadOnlyList<SentFact> Facts, long UpTo)? Next(
        Watch watch,
        FactWindow window,
        long seen
    )
    {
        if (!watch.Brief)
        {
            return window.After(seen, watch.TaskId);
        }
        var (last, upTo) = window.LastAfter(seen);
        return (last is null ? [] : [last], upTo);
    }

    // True when there was something to write. A brief stream says of all that came at once only the last.
    private static bool Write(PipeWriter to, Watch watch, IReadOnlyList<SentFact> facts)
    {
        var sent = watch.Last;
        SentFact? brief = null;
        foreach (var fact in facts.Where(f => watch.IdOf(f) > watch.Last))
        {
            watch.Last = watch.IdOf(fact);
            if (watch.Brief)
            {
                brief = fact.Brief is null ? brief : fact;
                continue;
            }
            Write(to, watch.Last, fact.Data);
        }
        if (brief is not null)
        {
            Write(to, watch.IdOf(brief), brief.Brief);
        }
        return watch.Brief ? brief is not null : watch.Last > sent;
    }

    private static void Write(PipeWriter to, long id, ReadOnlySpan<byte> data)
    {
        to.Write("id: "u8);
        id.TryFormat(to.GetSpan(20), out var length, default, CultureInfo.InvariantCulture);
        to.Advance(length);
        to.Write("\ndata: "u8);
        to.Write(data);
        to.Write("\n\n"u8);
    }

    /// <summary>What a caller watches, and the id that it was sent last.</summary>
    private sealed record Watch(string? TaskId, bool Brief)
    {
        public long Last { get; set; }

        public long IdOf(SentFact fact) => TaskId is null ? fact.Position : fact.Sequence;
    }
}
