using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Client;

public sealed partial class OrchestratorClient
{
    /// <summary>How the server's Telegram door is, and who may use it.</summary>
    public Task<TelegramState> GetTelegramAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/telegram", OrchestratorJson.Default.TelegramState, cancellationToken);

    /// <summary>Makes a code that lets one person use the bot; it is in this answer and nowhere else.</summary>
    public Task<PairingCode> PairTelegramAsync(
        PairingRequest request,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/telegram/pairings")
            {
                Content = Body(request, OrchestratorJson.Default.PairingRequest),
            },
            OrchestratorJson.Default.PairingCode,
            cancellationToken
        );

    /// <summary>Puts somebody out whom a code let in.</summary>
    public async Task UnpairTelegramAsync(long user, CancellationToken cancellationToken = default)
    {
        using var message = new HttpRequestMessage(HttpMethod.Delete, $"v1/telegram/people/{user}");
        using var response = await SendAsync(
                message,
                HttpCompletionOption.ResponseContentRead,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Tries the bot's token and sends a test message. In the answer: <see cref="WorkReport.Done"/> what went well, <see cref="WorkReport.Problems"/> what did not.</summary>
    public Task<WorkReport> TestTelegramAsync(
        TelegramTestRequest request,
        CancellationToken cancellationToken = default
    ) =>
        SendAndDisposeAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/telegram/test")
            {
                Content = Body(request, OrchestratorJson.Default.TelegramTestRequest),
            },
            OrchestratorJson.Default.WorkReport,
            cancellationToken
        );
}
