using System.ComponentModel.DataAnnotations;
using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Silo.Delivery;

/// <summary>Section <c>Delivery</c>: how work is committed.</summary>
internal sealed class DeliveryOptions
{
    /// <summary>Name of the branch; <c>{task}</c> and <c>{slug}</c> are filled in. 1 to 150 characters.</summary>
    [StringLength(150, MinimumLength = 1)]
    public string Branch { get; set; } = CommitText.BranchDefault;

    /// <summary>Author where neither the repository nor the user's git names one. Default: Orchestrator.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string AuthorName { get; set; } = "Orchestrator";

    /// <summary>The author's address. Default: orchestrator@localhost.</summary>
    [StringLength(200, MinimumLength = 1)]
    public string AuthorEmail { get; set; } = "orchestrator@localhost";

    /// <summary>True: pull requests are opened as drafts where the lane of the policy does not say. Default false.</summary>
    public bool Draft { get; set; }

    /// <summary>True: the artifact stands, folded and without paths of the host and raw output, in the comment that is kept up to date. Default true.</summary>
    public bool AttachArtifact { get; set; } = true;

    /// <summary>Labels that each pull request gets. At most 20.</summary>
    [MaxLength(20)]
    public IList<string> Labels { get; } = [];

    /// <summary>Logins of people who are asked to review each pull request. At most 15.</summary>
    [MaxLength(15)]
    public IList<string> Reviewers { get; } = [];

    /// <summary>The name by which comments address the bot: <c>@NAME</c> anywhere, <c>/NAME</c> at the beginning of a line. Default: orchestrator.</summary>
    [RegularExpression(
        "[A-Za-z0-9][A-Za-z0-9-]{0,38}",
        ErrorMessage = "Delivery:Mention must be a name of letters, digits and dashes"
    )]
    public string Mention { get; set; } = "orchestrator";

    /// <summary>Logins from whom feedback is taken; none = everybody whom the host says to have write access. At most 200.</summary>
    [MaxLength(200)]
    public IList<string> FeedbackFrom { get; } = [];

    /// <summary>Turns that feedback on one pull request may cause before a person is asked. Default 10; 1 to 1,000.</summary>
    [Range(1, 1_000, ErrorMessage = "Delivery:FeedbackRoundsMax must be 1 to 1,000")]
    public int FeedbackRoundsMax { get; set; } = 10;

    /// <summary>The same within one hour. Default 4; 1 to 50.</summary>
    [Range(1, 50, ErrorMessage = "Delivery:FeedbackRoundsPerHour must be 1 to 50")]
    public int FeedbackRoundsPerHour { get; set; } = 4;

    /// <summary>How often a pull request is looked at without a webhook, seconds. Default 120; 1 to 3,600. A look is about six calls of the host.</summary>
    [Range(1, 3_600, ErrorMessage = "Delivery:PollSeconds must be 1 to 3,600")]
    public int PollSeconds { get; set; } = 120;

    /// <summary>
    /// Repositories whose work goes into pull requests although the task does not say so: <c>REPOSITORY=github:owner/name</c>,
    /// the repository as tasks name it (full path, or name on the hosts). At most 1,000.
    /// </summary>
    [MaxLength(1_000)]
    public IList<string> Remotes { get; } = [];

    /// <summary>The same by repository.</summary>
    /// <exception cref="SiloStartException">An entry cannot be read.</exception>
    public IReadOnlyDictionary<string, string> RemotesByRepository()
    {
        var known = new Dictionary<string, string>(
            OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal
        );
        foreach (var entry in Remotes)
        {
            // The last one: a path may hold the sign.
            var at = entry.LastIndexOf('=');
            if (at <= 0 || RemoteRepository.Parse(entry[(at + 1)..]) is not { } remote)
            {
                throw new SiloStartException(
                    $"Delivery:Remotes has '{entry}'. Write REPOSITORY=github:owner/name."
                );
            }
            known[entry[..at]] = remote.ToString();
        }
        return known;
    }

    /// <summary>Key that signs the commits which are pushed: the path of an ssh key, or the id of an OpenPGP key. Default: empty, nothing is signed.</summary>
    public string SigningKey { get; set; } = "";

    /// <summary><c>ssh</c> or <c>openpgp</c>. Default: ssh.</summary>
    [RegularExpression(
        "ssh|openpgp",
        ErrorMessage = "Delivery:SigningFormat must be ssh or openpgp."
    )]
    public string SigningFormat { get; set; } = "ssh";

    /// <summary>Longest time of one fetch or push of a remote repository. Default 30 minutes; 1 second to 12 hours.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "12:00:00",
        ErrorMessage = "Delivery:RemoteTimeMax must be 00:00:01 to 12:00:00."
    )]
    public TimeSpan RemoteTimeMax { get; set; } = TimeSpan.FromMinutes(30);
}
