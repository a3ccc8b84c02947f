using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>Facts as server-sent events; the id is the position, so that a watcher resumes with Last-Event-ID without a gap.</summary>
internal static class FactStream
{
    private const int Page = 500;

    /// <summary>One task's facts from the given id on, then live, until the caller leaves.</summary>
    public static Task OfTaskAsync(
        HttpContext context,
        IJournal journal,
        string id,
        string? after,
        string? lastEventId
    ) =>
        StreamAsync(
            context,
            journal,
            From(after, lastEventId),
            (after, token) => journal.ReadTaskAsync(id, after, Page, token),
            e => e.Sequence
        );

    /// <summary>All facts.</summary>
    public static Task OfAllAsync(
        HttpContext context,
        IJournal journal,
        string? after,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId
    ) =>
        StreamAsync(
            context,
            journal,
            From(after, lastEventId),
            (after, token) => journal.ReadAllAsync(after, Page, token),
            e => e.Position
        );

    private static long From(string? after, string? lastEventId) =>
        lastEventId is { Length: > 0 }
            ? Bodies.Number("Last-Event-ID", lastEventId, 0, 0, long.MaxValue)
            : Bodies.Number("after", after, 0, 0, long.MaxValue);

    private static async Task StreamAsync(
        HttpContext context,
        IJournal journal,
        long after,
        Func<long, CancellationToken, Task<IReadOnlyList<JournalEntry>>> read,
        Func<JournalEntry, long> key
    )
    {
        // A stream has no end of its own: one that went on would hold up a silo that is told to stop. Its watcher connects
        // again, to another silo or to the next life of this one.
        var stopping = context
            .RequestServices.GetRequiredService<IHostApplicationLifetime>()
            .ApplicationStopping;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted,
            stopping
        );
        var token = ends.Token;
        var redactor = context.RequestServices.GetRequiredService<Redactor>();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.FlushAsync(token);
        try
        {
            while (!token.IsCancellationRequested)
            {
                var end = await journal.GetEndAsync(token);
                var page = await read(after, token);
                foreach (var entry in page)
                {
                    after = key(entry);
                    var data = redactor.Redact(
                        JsonSerializer.Serialize(entry, OrchestratorJson.Compact.JournalEntry)
                    );
                    await context.Response.WriteAsync(
                        $"id: {after}\ndata: {data}\n\n",
                        Encoding.UTF8,
                        token
                    );
                }
                if (page.Count == 0)
                {
                    // A comment keeps proxies from closing a quiet stream and shows us a watcher that left.
                    await context.Response.WriteAsync(": quiet\n\n", Encoding.UTF8, token);
                    await context.Response.Body.FlushAsync(token);
                    await journal.WaitBeyondAsync(end, token);
                }
                await context.Response.Body.FlushAsync(token);
            }
        }
        catch (OperationCanceledException)
        {
            // The watcher left, or the silo does: nothing to tell anybody.
        }
    }
}
