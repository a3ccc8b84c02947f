using System.Globalization;
using System.Text;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery.GitHub;

/// <content>Reads a pull request as it stands, and the logs of its checks.</content>
internal sealed partial class GitHubHost
{
    private const int TextMax = 65_536;
    private const int SummaryMax = 4_000;

    /// <inheritdoc />
    public async Task<PullRequestView> ViewAsync(
        string repository,
        int number,
        CancellationToken cancellationToken
    )
    {
        var pr = await PullRequestAsync(repository, number, cancellationToken);
        var open = pr.State == "open";
        var (branch, head) = (pr.Head?.Ref ?? "", pr.Head?.Sha ?? "");
        var baseName = pr.Base?.Ref ?? "";
        var baseBranch = await FindBranchAsync(repository, baseName, cancellationToken);
        var headBranch = await FindBranchAsync(repository, branch, cancellationToken);
        return new PullRequestView
        {
            Number = pr.Number,
            WebAddress = pr.HtmlUrl ?? "",
            Open = open,
            Merged = pr.Merged,
            MergeCommit = pr.Merged ? pr.MergeCommitSha ?? "" : "",
            EndedBy = open ? "" : await EndedByAsync(repository, pr, cancellationToken),
            IsDraft = pr.Draft,
            Branch = headBranch is null ? "" : branch,
            Head = head,
            Base = baseName,
            BaseHead = baseBranch?.Commit?.Sha ?? pr.Base?.Sha ?? "",
            Mergeable = open ? pr.Mergeable : null,
            MergeState = pr.MergeableState ?? "",
            Lines = pr.Additions + pr.Deletions,
            Files = pr.ChangedFiles,
            UpdatedAt = pr.UpdatedAt?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch,
            Checks = await ChecksAsync(repository, head, cancellationToken),
            RequiredChecks = await RequiredAsync(
                repository,
                baseName,
                baseBranch,
                cancellationToken
            ),
            Remarks = await RemarksAsync(repository, number, cancellationToken),
        };
    }

    /// <inheritdoc />
    public async Task<string> CheckLogAsync(
        string repository,
        PullRequestCheck check,
        int charactersMax,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(check);
        if (
            !check.Id.StartsWith("run:", StringComparison.Ordinal)
            || !long.TryParse(
                check.Id.AsSpan(4),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var id
            )
        )
        {
            return End(check.Summary, charactersMax);
        }
        // A check run of Actions and its job have one id. Other Apps' runs have no job.
        var log = await OrNoneAsync(() =>
            CallAsync(
                repository,
                $"the log of the check {check.Name} in {repository}",
                async c =>
                    (await c.Get<object>(Address(repository, $"/actions/jobs/{id}/logs"), null))
                        .HttpResponse
                        .Body as string,
                cancellationToken,
                tail: true
            )
        );
        if (log is { Length: > 0 })
        {
            return End(Plain(log), charactersMax);
        }
        var run = await OrNoneAsync(() =>
            GetAsync<GitHubCheckRun>(
                repository,
                $"/check-runs/{id}",
                $"the check {check.Name} in {repository}",
                cancellationToken
            )
        );
        return End(Words(run?.Output, withText: true), charactersMax);
    }

    private static string End(string text, int charactersMax)
    {
        var trimmed = text.TrimEnd();
        if (trimmed.Length <= charactersMax)
        {
            return trimmed;
        }
        var from = trimmed.Length - charactersMax;
        // A pair of surrogates is one character: never half of it.
        return trimmed[(char.IsLowSurrogate(trimmed[from]) ? from + 1 : from)..];
    }

    // Without the colours of a terminal and other control characters.
    private static string Plain(string log)
    {
        var plain = new StringBuilder(log.Length);
        for (var i = 0; i < log.Length; i++)
        {
            if (log[i] == '\u001b')
            {
                if (i + 1 < log.Length && log[i + 1] == '[')
                {
                    i += 2;
                    while (i < log.Length && log[i] is < '@' or > '~')
                    {
                        i++;
                    }
                }
                continue;
            }
            if (log[i] is '\n' or '\t' || (!char.IsControl(log[i]) && log[i] != '\ufeff'))
            {
                plain.Append(log[i]);
            }
        }
        return plain.ToString();
    }

    private async Task<string> EndedByAsync(
        string repository,
        GitHubPullRequest pr,
        CancellationToken cancellationToken
    ) =>
        pr.Merged
            ? pr.MergedBy?.Login ?? ""
            : (
                await OrNoneAsync(() =>
                    GetAsync<GitHubIssue>(
                        repository,
                        $"/issues/{pr.Number}",
                        $"who closed pull request {pr.Number} in {repository}",
                        cancellationToken
                    )
                )
            )
                ?.ClosedBy
                ?.Login
                ?? "";

    private async Task<IReadOnlyList<PullRequestCheck>> ChecksAsync(
        string repository,
        string head,
        CancellationToken cancellationToken
    )
    {
        var runs = await OrNoneAsync(() =>
            AllAsync<GitHubCheckRun, GitHubCheckRuns>(
                repository,
                $"/commits/{head}/check-runs?filter=latest",
                $"check runs of {head} in {repository}",
                p => p.CheckRuns,
                cancellationToken
            )
        );
        var statuses = await OrNoneAsync(() =>
            AllAsync<GitHubStatus, GitHubStatuses>(
                repository,
                $"/commits/{head}/status",
                $"statuses of {head} in {repository}",
                p => p.Statuses,
                cancellationToken
            )
        );
        var checks = new Dictionary<string, PullRequestCheck>(StringComparer.Ordinal);
        foreach (var run in (runs ?? []).OrderBy(r => r.Id))
        {
            checks[run.Name ?? ""] = new PullRequestCheck(
                string.Create(CultureInfo.InvariantCulture, $"run:{run.Id}"),
                run.Name ?? "",
                StatusOf(run),
                Words(run.Output, withText: false),
                options.Value.AppId > 0 && run.App?.Id == options.Value.AppId
            );
        }
        foreach (var status in statuses ?? [])
        {
            var context = status.Context ?? "";
            checks.TryAdd(
                context,
                new PullRequestCheck(
                    "status:" + context,
                    context,
                    status.State switch
                    {
                        "success" => "success",
                        "failure" or "error" => "failure",
                        _ => "pending",
                    },
                    Cut(status.Description, SummaryMax),
                    context == options.Value.StatusContext
                )
            );
        }
        return [.. checks.Values];
    }

    private static string StatusOf(GitHubCheckRun run) =>
        run.Status != "completed"
            ? "pending"
            : run.Conclusion switch
            {
                "success" => "success",
                "neutral" or "skipped" => "neutral",
                // Nobody ran it to its end, and nobody will.
                _ => "failure",
            };

    // Classic protection shows its checks with the branch; rulesets are a list of their own. Neither may be readable.
    private async Task<IReadOnlyList<string>> RequiredAsync(
        string repository,
        string branch,
        GitHubBranch? shown,
        CancellationToken cancellationToken
    )
    {
        var rules = await OrNoneAsync(() =>
            AllAsync<GitHubRule, List<GitHubRule>>(
                repository,
                $"/rules/branches/{Escaped(branch)}",
                $"rules of the branch {branch} of {repository}",
                p => p,
                cancellationToken
            )
        );
        return
        [
            .. (shown?.Protection?.RequiredStatusChecks?.Contexts ?? [])
                .Concat(
                    (rules ?? [])
                        .Where(r => r.Type == "required_status_checks")
                        .SelectMany(r => r.Parameters?.RequiredStatusChecks ?? [])
                        .Select(c => c.Context ?? "")
                )
                .Where(c => c.Length > 0)
                .Distinct(StringComparer.Ordinal),
        ];
    }

    private async Task<IReadOnlyList<PullRequestRemark>> RemarksAsync(
        string repository,
        int number,
        CancellationToken cancellationToken
    )
    {
        var own = await access.AccountAsync(cancellationToken);
        var what = $"what was said on pull request {number} in {repository}";
        var reviews = await AllAsync<GitHubReview, List<GitHubReview>>(
            repository,
            $"/pulls/{number}/reviews",
            what,
            p => p,
            cancellationToken
        );
        var lines = await LineCommentsAsync(repository, number, cancellationToken);
        var comments = await CommentsAsync(repository, number, cancellationToken);
        PullRequestRemark Remark(
            string kind,
            long id,
            GitHubUser? user,
            string? association,
            DateTimeOffset? at,
            string? text,
            string? address
        ) =>
            new()
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{kind}:{id}"),
                // Of a deleted account the host shows nobody.
                By = user?.Login ?? "ghost",
                Own = IsOwn(user, own),
                Trusted = association is "OWNER" or "MEMBER" or "COLLABORATOR",
                Text = Cut(text, TextMax),
                WebAddress = address ?? "",
                At = at?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch,
            };
        return
        [
            .. reviews
                .Where(r => r.State is not "PENDING")
                .Select(r =>
                    Remark(
                        "review",
                        r.Id,
                        r.User,
                        r.AuthorAssociation,
                        r.SubmittedAt,
                        r.Body,
                        r.HtmlUrl
                    ) with
                    {
                        Verdict = (r.State ?? "").ToLowerInvariant(),
                        Head = r.CommitId ?? "",
                    }
                )
                .Concat(
                    lines.Select(l =>
                        Remark(
                            "line",
                            l.Id,
                            l.User,
                            l.AuthorAssociation,
                            l.CreatedAt,
                            l.Body,
                            l.HtmlUrl
                        ) with
                        {
                            Path = l.Path ?? "",
                            Line = l.Line ?? l.OriginalLine ?? 0,
                            Head = l.CommitId ?? "",
                        }
                    )
                )
                .Concat(
                    comments.Select(c =>
                        Remark(
                            "comment",
                            c.Id,
                            c.User,
                            c.AuthorAssociation,
                            c.CreatedAt,
                            c.Body,
                            c.HtmlUrl
                        )
                    )
                )
                .OrderBy(r => r.At)
                .ThenBy(r => r.Id, StringComparer.Ordinal),
        ];
    }

    private static bool IsOwn(GitHubUser? user, string own) =>
        user?.Login is { Length: > 0 } login
        && login.Equals(own, StringComparison.OrdinalIgnoreCase);

    private static string Words(GitHubCheckOutput? output, bool withText) =>
        Cut(
            string.Join(
                "\n",
                new[] { output?.Title, output?.Summary, withText ? output?.Text : null }.Where(t =>
                    !string.IsNullOrWhiteSpace(t)
                )
            ),
            withText ? TextMax * 4 : SummaryMax
        );

    private static string Cut(string? text, int max) =>
        text is null ? ""
        : text.Length <= max ? text
        : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];

    // What a lesser credential may not see is as if it were not there.
    private static async Task<T?> OrNoneAsync<T>(Func<Task<T>> ask)
        where T : class?
    {
        try
        {
            return await ask();
        }
        catch (PullRequestHostException e)
            when (e.Error is PullRequestHostError.NotFound or PullRequestHostError.Forbidden)
        {
            return null;
        }
    }
}
