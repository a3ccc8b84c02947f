using System.Globalization;
using Octokit;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery.GitHub;

/// <content>Says, marks, merges and deletes: each looks first, so that it may be asked again.</content>
internal sealed partial class GitHubHost
{
    private const int StatusTextMax = 140;

    /// <inheritdoc />
    public async Task StickyCommentAsync(
        string repository,
        int number,
        string marker,
        string text,
        CancellationToken cancellationToken
    )
    {
        var marked = Marked(text, marker);
        var own = await access.AccountAsync(cancellationToken);
        var there = (await CommentsAsync(repository, number, cancellationToken)).Find(c =>
            IsMarked(c, own, marker)
        );
        if (there is null)
        {
            await CommentAsync(repository, number, marked, cancellationToken);
        }
        else if (Lines(there.Body) != Lines(marked))
        {
            await SendAsync<GitHubComment>(
                HttpMethod.Patch,
                repository,
                string.Create(CultureInfo.InvariantCulture, $"/issues/comments/{there.Id}"),
                new Dictionary<string, object> { ["body"] = marked },
                $"our comment on pull request {number} in {repository}",
                cancellationToken
            );
        }
    }

    /// <inheritdoc />
    public async Task ReplyAsync(
        string repository,
        int number,
        string feedbackId,
        string marker,
        string text,
        CancellationToken cancellationToken
    )
    {
        var marked = Marked(text, marker);
        var own = await access.AccountAsync(cancellationToken);
        var lines = await LineCommentsAsync(repository, number, cancellationToken);
        if (
            lines.Exists(c => IsMarked(c, own, marker))
            || (await CommentsAsync(repository, number, cancellationToken)).Exists(c =>
                IsMarked(c, own, marker)
            )
        )
        {
            return;
        }
        if (
            feedbackId.StartsWith("line:", StringComparison.Ordinal)
            && long.TryParse(
                feedbackId.AsSpan(5),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var id
            )
            && lines.Find(c => c.Id == id) is { } asked
        )
        {
            try
            {
                await SendAsync<GitHubComment>(
                    HttpMethod.Post,
                    repository,
                    $"/pulls/{number}/comments",
                    new Dictionary<string, object>
                    {
                        ["body"] = marked,
                        // A thread is answered at its first comment.
                        ["in_reply_to"] = asked.InReplyToId ?? asked.Id,
                    },
                    $"an answer on pull request {number} in {repository}",
                    cancellationToken
                );
                return;
            }
            catch (PullRequestHostException e)
                when (e.Error is PullRequestHostError.NotFound or PullRequestHostError.Refused)
            {
                // The thread was deleted since: it is said below the pull request.
            }
        }
        await CommentAsync(repository, number, marked, cancellationToken);
    }

    /// <inheritdoc />
    public async Task StatusAsync(
        string repository,
        string head,
        string state,
        string text,
        CancellationToken cancellationToken
    )
    {
        var description = Cut(text, StatusTextMax);
        var context = options.Value.StatusContext;
        var there = (
            await AllAsync<GitHubStatus, GitHubStatuses>(
                repository,
                $"/commits/{head}/status",
                $"statuses of {head} in {repository}",
                p => p.Statuses,
                cancellationToken
            )
        ).Find(s => s.Context == context);
        if (there?.State == state && (there.Description ?? "") == description)
        {
            return;
        }
        await SendAsync<GitHubStatus>(
            HttpMethod.Post,
            repository,
            "/statuses/" + head,
            new Dictionary<string, object>
            {
                ["state"] = state,
                ["description"] = description,
                ["context"] = context,
            },
            $"the status of {head} in {repository}",
            cancellationToken
        );
    }

    /// <inheritdoc />
    public async Task<string> MergeAsync(
        string repository,
        int number,
        string head,
        string method,
        string title,
        CancellationToken cancellationToken
    )
    {
        var pr = await PullRequestAsync(repository, number, cancellationToken);
        if (pr.Merged)
        {
            return pr.MergeCommitSha ?? "";
        }
        if (pr.State != "open")
        {
            throw new PullRequestHostException(
                PullRequestHostError.Conflict,
                $"Pull request {number} in {repository} is closed."
            );
        }
        if (pr.Head?.Sha != head)
        {
            throw new PullRequestHostException(
                PullRequestHostError.Conflict,
                $"The head of pull request {number} in {repository} is {pr.Head?.Sha} now, not {head}."
            );
        }
        try
        {
            var merged = await SendAsync<GitHubMerge>(
                HttpMethod.Put,
                repository,
                $"/pulls/{number}/merge",
                new Dictionary<string, object>
                {
                    ["sha"] = head,
                    ["merge_method"] = method,
                    ["commit_title"] = title,
                },
                $"the merge of pull request {number} in {repository}",
                cancellationToken
            );
            return merged.Sha ?? "";
        }
        catch (PullRequestHostException e)
            when (e.Error
                    is PullRequestHostError.Refused
                        or PullRequestHostError.Conflict
                        or PullRequestHostError.Unavailable
            )
        {
            // Somebody merged it since we looked, or the answer to our own merge was lost.
            var now = await PullRequestAsync(repository, number, cancellationToken);
            if (!now.Merged)
            {
                throw;
            }
            return now.MergeCommitSha ?? "";
        }
    }

    /// <inheritdoc />
    public async Task DeleteBranchAsync(
        string repository,
        string branch,
        string head,
        CancellationToken cancellationToken
    )
    {
        // The host deletes without asking for the commit: between look and deletion a push may be lost, a moment only.
        if (await BranchAsync(repository, branch, cancellationToken) != head)
        {
            return;
        }
        try
        {
            await CallAsync(
                repository,
                $"the branch {branch} of {repository}",
                c => c.Delete(Address(repository, "/git/refs/heads/" + Escaped(branch))),
                cancellationToken
            );
        }
        catch (PullRequestHostException e)
            when (e.Error is PullRequestHostError.NotFound or PullRequestHostError.Refused)
        {
            if (await BranchAsync(repository, branch, cancellationToken) is not null)
            {
                throw;
            }
        }
    }

    private static string Marked(string text, string marker) =>
        text.Contains(marker, StringComparison.Ordinal) ? text : text + "\n\n" + marker;

    private static bool IsMarked(GitHubComment comment, string own, string marker) =>
        IsOwn(comment.User, own)
        && comment.Body?.Contains(marker, StringComparison.Ordinal) == true;

    private Task<List<GitHubComment>> CommentsAsync(
        string repository,
        int number,
        CancellationToken cancellationToken
    ) =>
        AllAsync<GitHubComment, List<GitHubComment>>(
            repository,
            $"/issues/{number}/comments",
            $"comments on pull request {number} in {repository}",
            p => p,
            cancellationToken
        );

    private Task<List<GitHubComment>> LineCommentsAsync(
        string repository,
        int number,
        CancellationToken cancellationToken
    ) =>
        AllAsync<GitHubComment, List<GitHubComment>>(
            repository,
            $"/pulls/{number}/comments",
            $"comments on lines of pull request {number} in {repository}",
            p => p,
            cancellationToken
        );

    private Task<GitHubComment> CommentAsync(
        string repository,
        int number,
        string text,
        CancellationToken cancellationToken
    ) =>
        SendAsync<GitHubComment>(
            HttpMethod.Post,
            repository,
            $"/issues/{number}/comments",
            new Dictionary<string, object> { ["body"] = text },
            $"a comment on pull request {number} in {repository}",
            cancellationToken
        );
}
