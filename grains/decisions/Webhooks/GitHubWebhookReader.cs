using System.Text.Json;
using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Decisions.Webhooks;

/// <summary>What a delivery of GitHub says to pull requests.</summary>
/// <param name="Events">One per pull request or branch that it names; empty = none of our business.</param>
/// <param name="Reason">Why none; empty otherwise.</param>
public sealed record ForgeReading(IReadOnlyList<ForgeEvent> Events, string Reason);

/// <summary>Reads GitHub's deliveries. Only what a hint needs is looked at, so that new members and values of theirs change nothing here.</summary>
public static class GitHubWebhookReader
{
    private const int EventsMax = 20;
    private const int NameMax = 250;
    private const string BranchRef = "refs/heads/";

    /// <summary>Names of events that are told to pull requests.</summary>
    public static IReadOnlyList<string> Told { get; } =
    [
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_review_thread",
        "issue_comment",
        "check_run",
        "check_suite",
        "status",
        "workflow_run",
        "push",
        "delete",
        "repository",
    ];

    /// <summary>Reads one.</summary>
    /// <param name="name">GitHub's name of the event.</param>
    /// <param name="deliveryId">The delivery's id.</param>
    /// <param name="body">JSON.</param>
    public static ForgeReading Read(string name, string deliveryId, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "ping")
        {
            return Nothing("A greeting: the webhook is set up.");
        }
        if (!Told.Contains(name))
        {
            return Nothing($"Nothing here follows the event '{name}'.");
        }
        using var json = HookJson.Parse(body);
        if (json is null)
        {
            return Nothing("The body is no JSON object.");
        }
        var root = json.RootElement;
        var full = root.Text(NameMax, "repository", "full_name");
        if (RemoteRepository.Parse("github:" + full) is not { } repository)
        {
            return Nothing("The delivery names no repository.");
        }
        var about = About(name, root).Distinct().Take(EventsMax).ToList();
        var action = root.Text(50, "action");
        return about.Count == 0
            ? Nothing(WhyNone(name))
            : new ForgeReading(
                [
                    .. about.Select(a => new ForgeEvent(
                        repository,
                        a.Number,
                        a.Branch,
                        a.Head,
                        name,
                        action,
                        deliveryId
                    )),
                ],
                ""
            );
    }

    private static ForgeReading Nothing(string reason) => new([], reason);

    private static string WhyNone(string name) =>
        name switch
        {
            "issue_comment" => "A comment on an issue that is no pull request.",
            "push" or "delete" => "It is about a tag, not about a branch.",
            _ => $"The event '{name}' names no pull request, branch or commit.",
        };

    private static IEnumerable<(int Number, string Branch, string Head)> About(
        string name,
        JsonElement root
    ) =>
        name switch
        {
            "issue_comment" => root.At("issue", "pull_request") is not null
            && root.Number("issue", "number") is > 0 and var number
                ? [(number, "", "")]
                : [],
            "check_run" => Checked(
                root,
                "check_run",
                root.Text(NameMax, "check_run", "check_suite", "head_branch")
            ),
            "check_suite" or "workflow_run" => Checked(
                root,
                name,
                root.Text(NameMax, name, "head_branch")
            ),
            "status" => Status(root),
            "push" => Branch(root.Text(NameMax, "ref")) is { Length: > 0 } pushed
                ? [(0, pushed, root.Text(64, "after"))]
                : [],
            "delete" => root.Text(20, "ref_type") == "branch"
            && root.Text(NameMax, "ref") is { Length: > 0 } deleted
                ? [(0, deleted, "")]
                : [],
            "repository" => [(0, "", "")],
            _ => root.Number("pull_request", "number") is > 0 and var own
                ?
                [
                    (
                        own,
                        root.Text(NameMax, "pull_request", "head", "ref"),
                        root.Text(64, "pull_request", "head", "sha")
                    ),
                ]
                : [],
        };

    // A fork's check names no pull request: then the commit and the branch say which it is.
    private static IEnumerable<(int, string, string)> Checked(
        JsonElement root,
        string member,
        string branch
    )
    {
        var head = root.Text(64, member, "head_sha");
        var numbers = root.List(member, "pull_requests")
            .Select(p => p.Number("number"))
            .Where(n => n > 0)
            .ToList();
        return numbers.Count > 0 ? numbers.Select(n => (n, branch, head))
            : head.Length > 0 ? [(0, branch, head)]
            : [];
    }

    private static IEnumerable<(int, string, string)> Status(JsonElement root)
    {
        var head = root.Text(64, "sha");
        if (head.Length == 0)
        {
            return [];
        }
        var branches = root.List("branches").Select(b => b.Text(NameMax, "name")).ToList();
        return branches.Count > 0 ? branches.Select(b => (0, b, head)) : [(0, "", head)];
    }

    private static string Branch(string reference) =>
        reference.StartsWith(BranchRef, StringComparison.Ordinal)
            ? reference[BranchRef.Length..]
            : "";
}
