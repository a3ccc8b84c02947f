using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Client;

/// <content>Facts as they come.</content>
public sealed partial class OrchestratorClient
{
    /// <summary>Facts of a task (or of all, with null) after a number, then live. Reconnects from the last number; ends only by the caller.</summary>
    public async IAsyncEnumerable<JournalEntry> WatchAsync(
        string? taskId,
        long after = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        for (var silent = 0; ; silent++)
        {
            var facts = StreamAsync(taskId, after, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            await using (facts.ConfigureAwait(false))
            {
                while (await NextAsync(facts, silent).ConfigureAwait(false))
                {
                    after = taskId is null ? facts.Current.Position : facts.Current.Sequence;
                    silent = 0;
                    yield return facts.Current;
                }
            }
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(
                    TimeSpan.FromMilliseconds(200 * (silent + 1)),
                    TimeProvider.System,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
    }

    /// <summary>The same over one connection: ends when it is cut, throws when there is none to be had.</summary>
    public async IAsyncEnumerable<JournalEntry> StreamAsync(
        string? taskId,
        long after = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        using var message = new HttpRequestMessage(
            HttpMethod.Get,
            taskId is null ? "v1/events" : $"v1/tasks/{Escape(taskId)}/events"
        );
        message.Headers.Add(
            "Last-Event-ID",
            after.ToString(System.Globalization.CultureInfo.InvariantCulture)
        );
        using var response = await SendAsync(
                message,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            )
            .ConfigureAwait(false);
        var stream = await response
            .Content.ReadAsStreamAsync(cancellationToken)
            .ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var events = SseParser
                .Create(
                    stream,
                    (_, data) =>
                        JsonSerializer.Deserialize(data, OrchestratorJson.Default.JournalEntry)
                )
                .EnumerateAsync(cancellationToken);
            var reader = events.GetAsyncEnumerator(cancellationToken);
            await using (reader.ConfigureAwait(false))
            {
                while (await NextAsync(reader).ConfigureAwait(false))
                {
                    yield return reader.Current.Data!;
                }
            }
        }
    }

    // Unreachable or busy for the moment: the caller waits and connects again, ten times.
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<JournalEntry> facts, int silent)
    {
        const int SilentMax = 10;
        try
        {
            return await facts.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OrchestratorException e)
            when (silent < SilentMax
                && (
                    e.Failure is not { Code: not FailureCodes.StorageFailed } failure
                    || Passes(failure)
                )
            )
        {
            return false;
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<SseItem<JournalEntry?>> reader)
    {
        try
        {
            return await reader.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return false; // cut off: the caller connects again from its last number
        }
        catch (JsonException e)
        {
            throw new OrchestratorException(
                $"A fact of the server cannot be read; it may be newer than this library ({e.Message}).",
                e
            );
        }
    }
}
