using System.ComponentModel.DataAnnotations;
using Orchestrator.Decisions.Delivery;

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
