using System.Globalization;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Client;

/// <content>Calls of auditors.</content>
public sealed partial class OrchestratorClient
{
    /// <summary>A task's facts in words, with their hashes; hand <see cref="AuditReport.Next"/> back for the next page.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="after">The page's start: the number before its first fact.</param>
    /// <param name="max">1 to 1,000.</param>
    /// <param name="cancellationToken">Leaves the call.</param>
    public Task<AuditReport> AuditAsync(
        string taskId,
        long after = 0,
        int max = 200,
        CancellationToken cancellationToken = default
    ) =>
        GetAsync(
            $"v1/tasks/{Escape(taskId)}/audit?after={after}&max={max}",
            OrchestratorJson.Default.AuditReport,
            cancellationToken
        );

    /// <summary>
    /// Copies facts as they are stored, with their hashes, into a stream: one JSON object a line. Its last line is
    /// <c>{"end":true,…}</c>; without it the answer was cut. Asks for the scope <c>audit</c>.
    /// </summary>
    /// <param name="destination">Where to.</param>
    /// <param name="taskId">Only this task's; null = all and the system log.</param>
    /// <param name="since">Facts before it are left out; null = none.</param>
    /// <param name="until">Facts at or after it are left out; null = none.</param>
    /// <param name="cancellationToken">Leaves the call.</param>
    public async Task ExportAuditAsync(
        Stream destination,
        string? taskId = null,
        DateTimeOffset? since = null,
        DateTimeOffset? until = null,
        CancellationToken cancellationToken = default
    )
    {
        static string Text(DateTimeOffset? instant) =>
            Escape(instant?.UtcDateTime.ToString("o", CultureInfo.InvariantCulture) ?? "");
        using var message = new HttpRequestMessage(
            HttpMethod.Get,
            $"v1/audit/export?task={Escape(taskId ?? "")}&since={Text(since)}&until={Text(until)}"
        );
        using var response = await SendAsync(
                message,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            )
            .ConfigureAwait(false);
        try
        {
            await response
                .Content.CopyToAsync(destination, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new OrchestratorException(
                $"The server ended the export before its end ({e.Message}). Ask again.",
                e
            );
        }
    }
}
