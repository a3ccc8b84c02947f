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
}
