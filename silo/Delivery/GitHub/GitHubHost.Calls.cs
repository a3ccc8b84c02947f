using Octokit;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery.GitHub;

/// <content>How it asks: one address per repository, pages, and a credential that is made anew when it was refused.</content>
internal sealed partial class GitHubHost
{
    // Only names that can be part of an address as they are.
    private static string Checked(string repository) =>
        RemoteRepository.Parse(Name + ":" + repository) is { } named
        && named.Name.Split('/').Length == 2
            ? named.Name
            : throw new PullRequestHostException(
                PullRequestHostError.NotFound,
                "GitHub has no repository of that name: it is written owner/name."
            );

    private static string Escaped(string branch) =>
        string.Join('/', branch.Split('/').Select(Uri.EscapeDataString));

    private static Uri Address(string repository, string rest) =>
        new("repos/" + Checked(repository) + rest, UriKind.Relative);

    private Task<T> GetAsync<T>(
        string repository,
        string rest,
        string what,
        CancellationToken cancellationToken
    )
        where T : class =>
        CallAsync(
            repository,
            what,
            async c => Given((await c.Get<T>(Address(repository, rest), null)).Body, what),
            cancellationToken
        );

    /// <summary>Pages of 100, at most 5 of them.</summary>
    private async Task<List<T>> AllAsync<T, TPage>(
        string repository,
        string rest,
        string what,
        Func<TPage, List<T>?> of,
        CancellationToken cancellationToken
    )
        where TPage : class
    {
        var all = new List<T>();
        for (var page = 1; page <= PagesMax; page++)
        {
            var separator = rest.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var items =
                of(
                    await GetAsync<TPage>(
                        repository,
                        $"{rest}{separator}per_page={PageSize}&page={page}",
                        what,
                        cancellationToken
                    )
                ) ?? [];
            all.AddRange(items);
            if (items.Count < PageSize)
            {
                break;
            }
        }
        return all;
    }

    private Task<T> SendAsync<T>(
        HttpMethod method,
        string repository,
        string rest,
        Dictionary<string, object> body,
        string what,
        CancellationToken cancellationToken
    )
        where T : class =>
        CallAsync(
            repository,
            what,
            async c =>
            {
                var address = Address(repository, rest);
                var answer =
                    method == HttpMethod.Post
                        ? await c.Post<T>(
                            address,
                            body,
                            Json,
                            "application/json",
                            cancellationToken: cancellationToken
                        )
                    : method == HttpMethod.Patch ? await c.Patch<T>(address, body, Json)
                    : await c.Put<T>(address, body);
                return Given(answer.Body, what);
            },
            cancellationToken
        );

    private async Task<T> CallAsync<T>(
        string repository,
        string what,
        Func<IConnection, Task<T>> ask,
        CancellationToken cancellationToken,
        bool tail = false
    )
    {
        var credential = await access.ForAsync(Checked(repository), cancellationToken);
        try
        {
            return await wire.AskAsync(
                new Credentials(credential.Secret),
                what,
                ask,
                cancellationToken,
                tail
            );
        }
        catch (PullRequestHostException e)
            when (e.Error == PullRequestHostError.Unauthorised && access.Renews)
        {
            // The App's token was taken back before its end. A 401 did nothing, so it may be asked again.
            access.Forget(repository, credential);
            var renewed = await access.ForAsync(repository, cancellationToken);
            return await wire.AskAsync(
                new Credentials(renewed.Secret),
                what,
                ask,
                cancellationToken,
                tail
            );
        }
    }

    private T Given<T>(T? body, string what)
        where T : class =>
        body
        ?? throw new PullRequestHostException(
            PullRequestHostError.Unavailable,
            $"{options.Value.Api().Authority} gave an empty answer: {what}. Is GitHub:Address the address of the API?"
        );
}
