using Orchestrator.Client;

namespace Orchestrator.SystemTests;

/// <summary>What a person does about a usage limit: the account is opened, and its work goes on.</summary>
internal static class AgentAccounts
{
    /// <summary>Opens every account that a host has named.</summary>
    public static async Task OpenAllAsync(
        OrchestratorClient client,
        CancellationToken cancellationToken = default
    )
    {
        foreach (var window in (await client.ListAccountsAsync(cancellationToken)).Accounts)
        {
            await client.OpenAccountAsync(window.Account, cancellationToken);
        }
    }
}
