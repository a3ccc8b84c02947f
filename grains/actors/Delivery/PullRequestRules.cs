using Orchestrator.Decisions.Delivery;

namespace Orchestrator.Grains.Delivery;

/// <summary>How pull requests are made and tended.</summary>
public sealed record PullRequestRules
{
    /// <summary>Template of the branch's name.</summary>
    public string Branch { get; init; } = CommitText.BranchDefault;

    /// <summary>From whom feedback is taken, and the name that addresses the bot.</summary>
    public FeedbackRules Feedback { get; init; } = new("orchestrator", []);

    /// <summary>Where the work on a repository (path or name, as tasks name it) goes when its task does not say: <c>github:owner/name</c>.</summary>
    public IReadOnlyDictionary<string, string> Remotes { get; init; } =
        new Dictionary<string, string>();

    /// <summary>The artifact stands in the comment that is kept up to date.</summary>
    public bool AttachArtifact { get; init; } = true;

    /// <summary>Opened as drafts where the lane does not say.</summary>
    public bool Draft { get; init; }

    /// <summary>Labels that each gets.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Logins of people who are asked to review each.</summary>
    public IReadOnlyList<string> Reviewers { get; init; } = [];

    /// <summary>How often one is looked at without a hint. Default 1 minute.</summary>
    public TimeSpan PollPeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a host that is out of reach is tried before the delivery fails. Default 24 hours.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Who holds the turn to merge loses it after so long a silence: longer than a verification takes. Default 60 minutes.</summary>
    public TimeSpan MergeSilenceMax { get; init; } = TimeSpan.FromMinutes(60);
}
