using Orchestrator.Decisions.Redaction;

namespace Orchestrator.Decisions.Ci;

/// <summary>What was judged: a range of commits.</summary>
/// <param name="Base">Full hash of the commit whose policy is in force.</param>
/// <param name="From">Full hash of the commit that the change is compared with: where it left the base.</param>
/// <param name="Head">Full hash of the change.</param>
/// <param name="BaseFrom">What named the base, for people: <c>--base</c> or a CI system's variable.</param>
/// <param name="Policy">Id of the policy that judged.</param>
/// <param name="PolicyPath">Its path at the base; empty = the built-in one.</param>
/// <param name="Files">Changed files.</param>
/// <param name="AddedLines">Lines added in text files.</param>
/// <param name="DeletedLines">Lines deleted in text files.</param>
public sealed record CiSubject(
    string Base,
    string From,
    string Head,
    string BaseFrom,
    string Policy,
    string PolicyPath,
    int Files,
    int AddedLines,
    int DeletedLines
);

/// <summary>All that the checks of a change say, worst first.</summary>
/// <param name="Subject">What was judged.</param>
/// <param name="Findings">Worst first, at most <see cref="FindingsMax"/>.</param>
/// <param name="FindingsTotal">How many there are.</param>
/// <param name="ExitCode">See <see cref="Of"/>.</param>
public sealed record CiReport(
    CiSubject Subject,
    IReadOnlyList<CiFinding> Findings,
    int FindingsTotal,
    int ExitCode
)
{
    /// <summary>Most findings that are told.</summary>
    public const int FindingsMax = 500;

    private const int Fine = 0;
    private const int Failed = 1;
    private const int Denied = 3;
    private const int NeedsApproval = 4;

    /// <summary><c>passed</c>, <c>failed</c>, <c>violation</c> or <c>needs_approval</c>.</summary>
    public string Outcome =>
        ExitCode switch
        {
            Fine => "passed",
            Failed => "failed",
            Denied => "violation",
            _ => "needs_approval",
        };

    /// <summary>Puts findings in order and decides. No text of a finding keeps what the redactor knows for a secret.</summary>
    /// <param name="subject">What was judged.</param>
    /// <param name="findings">Of all checks.</param>
    /// <param name="strict">Whether what the policy asks about fails the check.</param>
    /// <param name="redactor">The rules for secrets.</param>
    /// <returns>
    /// Exit code 3 = the policy denies or a secret is added, else 1 = an artifact or the policy file is broken, else, when strict,
    /// 4 = the policy asks for somebody's yes, else 0.
    /// </returns>
    public static CiReport Of(
        CiSubject subject,
        IReadOnlyCollection<CiFinding> findings,
        bool strict,
        Redactor redactor
    )
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(redactor);
        var ordered = findings
            .OrderByDescending(f => f.Level)
            .ThenBy(f => f.Check)
            .ThenBy(f => f.Path, StringComparer.Ordinal)
            .ThenBy(f => f.Line)
            .ThenBy(f => f.Column)
            .Take(FindingsMax)
            .Select(f =>
                f with
                {
                    Path = redactor.Redact(f.Path),
                    Rule = redactor.Redact(f.Rule),
                    Message = redactor.Redact(f.Message),
                    Source = redactor.Redact(f.Source),
                }
            )
            .ToList();
        return new CiReport(subject, ordered, findings.Count, Decide(findings, strict));
    }

    private static int Decide(IReadOnlyCollection<CiFinding> findings, bool strict)
    {
        var errors = findings.Where(f => f.Level == CiLevel.Error).Select(f => f.Check).ToHashSet();
        return errors.Overlaps([CiCheck.Policy, CiCheck.Secrets]) ? Denied
            : errors.Count > 0 ? Failed
            : strict && findings.Any(f => f.Level == CiLevel.Warning) ? NeedsApproval
            : Fine;
    }
}
