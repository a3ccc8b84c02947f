using Microsoft.Extensions.Options;
using Octokit;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery.GitHub;

/// <summary>GitHub and GitHub Enterprise Server as a host of pull requests.</summary>
internal sealed partial class GitHubHost(
    GitHubWire wire,
    GitHubAccess access,
    IOptions<GitHubOptions> options
) : IPullRequestHost
{
    /// <summary>The kind in <c>github:owner/name</c>.</summary>
    public const string Name = "github";

    private const int PageSize = 100;
    private const int PagesMax = 5;
    private const string Json = "application/vnd.github+json";

    /// <inheritdoc />
    public string Kind => Name;

    /// <inheritdoc />
    public async Task<RemoteRepositoryView> RepositoryAsync(
        string repository,
        CancellationToken cancellationToken
    )
    {
        var credential = await access.ForAsync(Checked(repository), cancellationToken);
        var found = await GetAsync<GitHubRepository>(
            repository,
            "",
            "the repository " + repository,
            cancellationToken
        );
        return new RemoteRepositoryView(
            found.DefaultBranch ?? "",
            found.Archived,
            credential.MayPush ?? found.Permissions?.Push ?? false,
            found.HtmlUrl ?? ""
        );
    }

    /// <inheritdoc />
    public async Task<PushAccess> PushAccessAsync(
        string repository,
        CancellationToken cancellationToken
    )
    {
        var credential = await access.ForAsync(Checked(repository), cancellationToken);
        return new PushAccess(
            new Uri(options.Value.Web(), repository + ".git"),
            "x-access-token",
            credential.Secret
        );
    }

    /// <inheritdoc />
    public async Task<string?> BranchAsync(
        string repository,
        string branch,
        CancellationToken cancellationToken
    ) => (await FindBranchAsync(repository, branch, cancellationToken))?.Commit?.Sha;

    /// <inheritdoc />
    public async Task<int?> FindAsync(
        string repository,
        string branch,
        string marker,
        CancellationToken cancellationToken
    ) =>
        (await OfBranchAsync(repository, branch, "", "all", cancellationToken))
            .FirstOrDefault(p => p.Body?.Contains(marker, StringComparison.Ordinal) == true)
            ?.Number;

    /// <inheritdoc />
    public async Task<int> OpenAsync(
        string repository,
        PullRequestDraft draft,
        CancellationToken cancellationToken
    )
    {
        async Task<int?> ThereAsync() =>
            (await OfBranchAsync(repository, draft.Branch, draft.Base, "open", cancellationToken))
                .FirstOrDefault()
                ?.Number;
        if (await ThereAsync() is { } there)
        {
            return there;
        }
        try
        {
            var made = await SendAsync<GitHubPullRequest>(
                HttpMethod.Post,
                repository,
                "/pulls",
                new Dictionary<string, object>
                {
                    ["title"] = draft.Title,
                    ["head"] = draft.Branch,
                    ["base"] = draft.Base,
                    ["body"] = draft.Body,
                    ["draft"] = draft.IsDraft,
                },
                $"a pull request of {draft.Branch} to {draft.Base} in {repository}",
                cancellationToken
            );
            await AddPeopleAsync(repository, made.Number, draft, cancellationToken);
            return made.Number;
        }
        catch (PullRequestHostException e)
            when (e.Error == PullRequestHostError.Refused
                && e.Message.Contains("already exists", StringComparison.OrdinalIgnoreCase)
            )
        {
            // Somebody, or an earlier life of ours, opened it since we looked.
            if (await ThereAsync() is { } theirs)
            {
                return theirs;
            }
            throw;
        }
    }

    /// <inheritdoc />
    public async Task UpdateAsync(
        string repository,
        int number,
        PullRequestDraft draft,
        CancellationToken cancellationToken
    )
    {
        var there = await PullRequestAsync(repository, number, cancellationToken);
        if (there.Title != draft.Title || Lines(there.Body) != Lines(draft.Body))
        {
            await SendAsync<GitHubPullRequest>(
                HttpMethod.Patch,
                repository,
                $"/pulls/{number}",
                new Dictionary<string, object> { ["title"] = draft.Title, ["body"] = draft.Body },
                $"title and text of pull request {number} in {repository}",
                cancellationToken
            );
        }
        if (there.Draft && !draft.IsDraft)
        {
            await ReadyAsync(repository, there, cancellationToken);
        }
        await AddPeopleAsync(repository, number, draft, cancellationToken);
    }

    private static string Lines(string? text) => (text ?? "").ReplaceLineEndings("\n").Trim();

    // Labels that are missing are made by the host; a reviewer whom it does not take is left out.
    private async Task AddPeopleAsync(
        string repository,
        int number,
        PullRequestDraft draft,
        CancellationToken cancellationToken
    )
    {
        if (draft.Labels.Count > 0)
        {
            await CallAsync(
                repository,
                $"labels of pull request {number} in {repository}",
                c =>
                    c.Post<object>(
                        Address(repository, $"/issues/{number}/labels"),
                        new Dictionary<string, object> { ["labels"] = draft.Labels.ToArray() },
                        Json,
                        "application/json",
                        cancellationToken: cancellationToken
                    ),
                cancellationToken
            );
        }
        foreach (var reviewer in draft.Reviewers)
        {
            try
            {
                await SendAsync<GitHubPullRequest>(
                    HttpMethod.Post,
                    repository,
                    $"/pulls/{number}/requested_reviewers",
                    new Dictionary<string, object> { ["reviewers"] = new[] { reviewer } },
                    $"{reviewer} as reviewer of pull request {number} in {repository}",
                    cancellationToken
                );
            }
            catch (PullRequestHostException e)
                when (e.Error is PullRequestHostError.Refused or PullRequestHostError.NotFound)
            {
                // Unknown, the author, or without access.
            }
        }
    }

    // The only thing that REST does not offer.
    private async Task ReadyAsync(
        string repository,
        GitHubPullRequest there,
        CancellationToken cancellationToken
    )
    {
        var answer = await CallAsync(
            repository,
            $"pull request {there.Number} in {repository} out of draft",
            async c =>
                (
                    await c.Post<GitHubGraph>(
                        options.Value.Graph(),
                        new Dictionary<string, object>
                        {
                            ["query"] =
                                "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }",
                            ["variables"] = new Dictionary<string, object>
                            {
                                ["id"] = there.NodeId ?? "",
                            },
                        },
                        "application/json",
                        "application/json",
                        cancellationToken: cancellationToken
                    )
                ).Body,
            cancellationToken
        );
        if (answer?.Errors is { Count: > 0 } errors)
        {
            throw new PullRequestHostException(
                PullRequestHostError.Refused,
                $"{options.Value.Api().Authority} does not take pull request {there.Number} in {repository} out of draft: {errors[0].Message}"
            );
        }
    }

    private async Task<List<GitHubPullRequest>> OfBranchAsync(
        string repository,
        string branch,
        string baseBranch,
        string state,
        CancellationToken cancellationToken
    )
    {
        var owner = Checked(repository).Split('/')[0];
        var found = await GetAsync<List<GitHubPullRequest>>(
            repository,
            $"/pulls?state={state}&sort=created&direction=desc&per_page={PageSize}&head={Uri.EscapeDataString(owner + ":" + branch)}"
                + (baseBranch.Length > 0 ? "&base=" + Uri.EscapeDataString(baseBranch) : ""),
            $"pull requests of {branch} in {repository}",
            cancellationToken
        );
        // An empty or unknown filter would name somebody else's.
        return [.. found.Where(p => p.Head?.Ref == branch).OrderByDescending(p => p.Number)];
    }

    private async Task<GitHubBranch?> FindBranchAsync(
        string repository,
        string branch,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await GetAsync<GitHubBranch>(
                repository,
                "/branches/" + Escaped(branch),
                $"the branch {branch} of {repository}",
                cancellationToken
            );
        }
        catch (PullRequestHostException e) when (e.Error == PullRequestHostError.NotFound)
        {
            return null;
        }
    }

    private Task<GitHubPullRequest> PullRequestAsync(
        string repository,
        int number,
        CancellationToken cancellationToken
    ) =>
        GetAsync<GitHubPullRequest>(
            repository,
            $"/pulls/{number}",
            $"pull request {number} in {repository}",
            cancellationToken
        );
}
