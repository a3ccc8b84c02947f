using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Decisions.Delivery;

/// <summary>What on a pull request asks for work, and from whom it is taken.</summary>
public static class FeedbackReader
{
    /// <summary>Most characters of an item.</summary>
    public const int TextMax = 20_000;

    /// <summary>While checks still run, a failed one waits for the others so long.</summary>
    public static readonly TimeSpan OthersWait = TimeSpan.FromMinutes(30);

    /// <summary>New feedback of a pull request. The texts of checks are left to whoever can read their logs.</summary>
    /// <param name="view">The pull request as it stands.</param>
    /// <param name="delivery">What was recorded of it.</param>
    /// <param name="rules">From whom, and how the bot is addressed.</param>
    /// <param name="now">UTC.</param>
    public static IReadOnlyList<Feedback> Read(
        PullRequestView view,
        DeliveryState delivery,
        FeedbackRules rules,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(delivery);
        ArgumentNullException.ThrowIfNull(rules);
        var said = view.Remarks.Where(r => Asks(r, rules)).Select(Said);
        return
        [
            .. said.Concat(Failed(view, delivery, now)).Where(f => !delivery.Seen.Contains(f.Id)),
        ];
    }

    /// <summary>The conflict of a head with its base, as feedback.</summary>
    public static Feedback Conflict(string head, BaseCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return new Feedback
        {
            Id = $"conflict:{head}:{check.BaseHead}",
            Kind = "conflict",
            By = "base branch",
            Head = head,
            Text = string.Join('\n', check.Conflicts),
        };
    }

    /// <summary>True when a remark is taken from its author: somebody with write access or named by the configuration, not ourselves.</summary>
    public static bool IsHeard(PullRequestRemark remark, FeedbackRules rules)
    {
        ArgumentNullException.ThrowIfNull(remark);
        ArgumentNullException.ThrowIfNull(rules);
        return !remark.Own
            && (
                rules.From.Count > 0
                    ? rules.From.Contains(remark.By, StringComparer.OrdinalIgnoreCase)
                    : remark.Trusted
            );
    }

    private static bool Asks(PullRequestRemark remark, FeedbackRules rules) =>
        IsHeard(remark, rules)
        && remark.Id.Split(':')[0] switch
        {
            "review" => remark.Verdict == "changes_requested",
            "line" => remark.Text.Length > 0,
            "comment" => Addressed(remark.Text, rules.Mention),
            _ => false,
        };

    // "@name" as a word, or "/name" at the beginning of a line.
    private static bool Addressed(string text, string mention)
    {
        foreach (var line in text.Split('\n'))
        {
            if (!line.TrimStart().StartsWith('>') && Mentions(line, mention))
            {
                return true;
            }
            var start = line.TrimStart();
            if (
                start.StartsWith("/" + mention, StringComparison.OrdinalIgnoreCase)
                && Ends(start, mention.Length + 1)
            )
            {
                return true;
            }
        }
        return false;
    }

    // Any of them: another's name may begin alike, and an address may end so.
    private static bool Mentions(string line, string mention)
    {
        for (
            var at = line.IndexOf("@" + mention, StringComparison.OrdinalIgnoreCase);
            at >= 0;
            at = line.IndexOf("@" + mention, at + 1, StringComparison.OrdinalIgnoreCase)
        )
        {
            if (Ends(line, at + mention.Length + 1) && (at == 0 || Ends(line, at - 1)))
            {
                return true;
            }
        }
        return false;
    }

    // No word goes on there.
    private static bool Ends(string line, int at) =>
        at >= line.Length || !(char.IsLetterOrDigit(line[at]) || line[at] is '-' or '_');

    private static Feedback Said(PullRequestRemark remark) =>
        new()
        {
            Id = remark.Id,
            Kind = remark.Id.Split(':')[0],
            By = remark.By,
            Text = TextCut.Head(remark.Text, TextMax),
            Path = remark.Path,
            Line = remark.Line,
            Head = remark.Head,
            WebAddress = remark.WebAddress,
        };

    private static IEnumerable<Feedback> Failed(
        PullRequestView view,
        DeliveryState delivery,
        DateTimeOffset now
    )
    {
        var foreign = view.Checks.Where(c => !c.Own).ToList();
        // A head that is not ours is not ours to mend; while others run, they may fail too, and one turn mends them all.
        var ripe =
            view.Head == delivery.Head
            && (
                foreign.TrueForAll(c => c.Status != "pending") || now - view.UpdatedAt > OthersWait
            );
        return ripe
            ? foreign
                .Where(c => c.Status == "failure")
                .Select(c => new Feedback
                {
                    Id = $"check:{view.Head}:{c.Name}",
                    Kind = "check",
                    By = c.Name,
                    Head = view.Head,
                    Text = c.Summary,
                })
            : [];
    }
}

/// <summary>From whom feedback is taken.</summary>
/// <param name="Mention">The name by which comments address the bot.</param>
/// <param name="From">Logins; empty = everybody with write access.</param>
public sealed record FeedbackRules(string Mention, IReadOnlyList<string> From);
