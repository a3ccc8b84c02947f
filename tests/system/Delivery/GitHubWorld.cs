using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Grains.Delivery;
using Orchestrator.Silo.Delivery.GitHub;
using Orchestrator.SystemTests.StandIns;

namespace Orchestrator.SystemTests.Delivery;

/// <summary>One stand-in for all tests of a class.</summary>
public sealed class SharedGitHub : Xunit.IAsyncLifetime
{
    /// <summary>It.</summary>
    public GitHubStandIn GitHub { get; private set; } = null!;

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => GitHub = await GitHubStandIn.StartAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (GitHub is not null)
        {
            await GitHub.DisposeAsync();
        }
    }
}

/// <summary>The adapter for GitHub and a repository of its own on the stand-in.</summary>
internal sealed class GitHubWorld : IPullRequestWorld
{
    private GitHubWorld(GitHubStandIn gitHub, string repository, GitHubHost host)
    {
        GitHub = gitHub;
        Repository = repository;
        Host = host;
    }

    /// <summary>The stand-in.</summary>
    public GitHubStandIn GitHub { get; }

    /// <inheritdoc />
    public IPullRequestHost Host { get; }

    /// <inheritdoc />
    public string Repository { get; }

    /// <inheritdoc />
    public string Person => GitHubStandIn.Reviewer;

    /// <summary>A new one, with the bot's token or what <paramref name="change"/> makes of it.</summary>
    public static async Task<GitHubWorld> CreateAsync(
        GitHubStandIn gitHub,
        Action<GitHubOptions>? change = null,
        TimeProvider? time = null
    )
    {
        var repository = await gitHub.RepositoryAsync(("a.txt", "one\n"));
        return new GitHubWorld(gitHub, repository, HostOf(gitHub, change, time));
    }

    /// <summary>An adapter for the stand-in.</summary>
    public static GitHubHost HostOf(
        GitHubStandIn gitHub,
        Action<GitHubOptions>? change = null,
        TimeProvider? time = null
    )
    {
        var options = new GitHubOptions
        {
            Address = gitHub.Address.ToString(),
            Token = GitHubStandIn.TokenOf(GitHubStandIn.Bot),
        };
        change?.Invoke(options);
        var given = Options.Create(options);
        var clock = time ?? TimeProvider.System;
#pragma warning disable CA2000 // they live as long as the adapter: to the end of the test
        var wire = new GitHubWire(given, clock, new Redactor([options.Token]));
        return new GitHubHost(wire, new GitHubAccess(wire, given, clock), given);
#pragma warning restore CA2000
    }

    /// <inheritdoc />
    public async Task<string> PushAsync(string branch, string path, string text)
    {
        if (await GitHub.BranchAsync(Repository, branch) is null)
        {
            await GitHub.AsAsync(
                Person,
                HttpMethod.Post,
                $"repos/{Repository}/git/refs",
                new JsonObject
                {
                    ["ref"] = "refs/heads/" + branch,
                    ["sha"] = await GitHub.BranchAsync(Repository, "main"),
                }
            );
        }
        return await GitHub.CommitAsync(Repository, branch, Person, path, text);
    }

    /// <inheritdoc />
    public Task ReviewAsync(int number, bool approve, string text) =>
        GitHub.ReviewAsync(
            Repository,
            number,
            Person,
            approve ? "APPROVE" : "REQUEST_CHANGES",
            text
        );

    /// <inheritdoc />
    public async Task<string> LineCommentAsync(int number, string path, int line, string text) =>
        $"line:{await GitHub.LineCommentAsync(Repository, number, Person, path, line, text)}";

    /// <inheritdoc />
    public Task CommentAsync(int number, string text) =>
        GitHub.CommentAsync(Repository, number, Person, text);

    /// <inheritdoc />
    public Task CloseAsync(int number) => GitHub.CloseAsync(Repository, number, Person);

    /// <inheritdoc />
    public Task<long> CheckAsync(string head, string name, string? conclusion, string summary) =>
        GitHub.CheckRunAsync(Repository, head, name, conclusion, summary);

    /// <inheritdoc />
    public async Task<ShownPullRequest> ShownAsync(int number)
    {
        var shown = await GitHub.PullRequestAsync(Repository, number);
        return new ShownPullRequest(
            shown["title"]!.ToString(),
            [.. shown["labels"]!.AsArray().Select(l => l!["name"]!.ToString())],
            [.. shown["requested_reviewers"]!.AsArray().Select(r => r!["login"]!.ToString())]
        );
    }
}
