using System.Text;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>Judges a turn's work by what can be seen: the real diff, the checks, the plan. What the agent says of itself counts for nothing but contradiction.</summary>
public static class WorkJudge
{
    /// <summary>Code of the finding that tools were denied; blocking when a task that writes changed nothing.</summary>
    public const string ToolsDenied = "tools_denied";

    /// <summary>Code of the finding that a policy rule denies the work.</summary>
    public const string PolicyDenied = "policy_denied";

    /// <summary>The verdict. Blocking findings reject the work; the others are told.</summary>
    public static Judgement Judge(
        TaskState state,
        VerificationReport verification,
        PolicyRuling? ruling = null
    )
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(verification);
        var result = state.Result ?? new RunResult();
        var findings = new List<Finding>();
        AddVerification(verification, findings);
        AddDiff(state, result, findings);
        AddSecrets(result, findings);
        AddTargets(state, result, findings);
        AddDenials(ruling, findings);
        var hosts = result.Denials.Where(IsNetwork).ToList();
        var tools = result.Denials.Where(d => !IsNetwork(d)).ToList();
        if (hosts.Count > 0)
        {
            findings.Add(
                new Finding(
                    "network_refused",
                    false,
                    $"The sandbox did not let it reach {hosts.Count} hosts: {hosts[0]["Network ".Length..]}."
                )
            );
        }
        if (tools.Count > 0)
        {
            // A task that was to change files, changed none and was kept from it has not done its work.
            var kept = state.Plan?.ReadOnly == false && result.Diff.FilesTotal == 0;
            findings.Add(
                new Finding(ToolsDenied, kept, $"{tools.Count} tool calls were denied: {tools[0]}.")
            );
        }
        var accepted = !findings.Exists(f => f.Blocking);
        var outcome =
            !accepted ? "FAILED"
            : findings.Count > 0 ? "PARTIAL"
            : "SUCCESS";
        return new Judgement(accepted, outcome, findings);
    }

    // As the host's sandbox notes a host that a run may not reach.
    private static bool IsNetwork(string denial) =>
        denial.StartsWith("Network ", StringComparison.Ordinal);

    /// <summary>What the next attempt is told about a rejected one.</summary>
    public static string Feedback(Judgement judgement, VerificationReport verification)
    {
        ArgumentNullException.ThrowIfNull(judgement);
        ArgumentNullException.ThrowIfNull(verification);
        var text = new StringBuilder("The work so far was checked and not accepted:\n");
        foreach (var finding in judgement.Findings.Where(f => f.Blocking))
        {
            text.Append("- ").Append(finding.Message).Append('\n');
        }
        foreach (var command in verification.Commands.Where(c => c.ExitCode != 0 || c.TimedOut))
        {
            text.Append("Output of `")
                .Append(command.Command)
                .Append("`:\n")
                .Append(command.OutputTail)
                .Append('\n');
        }
        return text.ToString();
    }

    private static void AddVerification(VerificationReport verification, List<Finding> findings)
    {
        foreach (var command in verification.Commands)
        {
            if (command.TimedOut)
            {
                findings.Add(
                    new Finding(
                        "verification_timed_out",
                        true,
                        $"`{command.Command}` passed its time limit."
                    )
                );
            }
            else if (command.ExitCode != 0)
            {
                findings.Add(
                    new Finding(
                        "verification_failed",
                        true,
                        $"`{command.Command}` ended with exit code {command.ExitCode}."
                    )
                );
            }
        }
        if (verification.Problem.Length > 0)
        {
            findings.Add(new Finding("verification_not_run", true, verification.Problem));
        }
    }

    private static void AddDiff(TaskState state, RunResult result, List<Finding> findings)
    {
        var changed = result.Diff.FilesTotal;
        // What earlier turns changed was accepted then; a question about it changes nothing.
        if (state.Plan?.ReadOnly == true && changed > 0 && !state.WorkUntouched)
        {
            findings.Add(
                new Finding(
                    "read_only_task_wrote",
                    true,
                    $"A read-only task changed {changed} files, first {First(result)}."
                )
            );
        }
        if (state.Plan?.ReadOnly == false && changed == 0)
        {
            var claims = ChangeClaim.In(result.ResultText);
            findings.Add(
                claims
                    ? new Finding(
                        "claims_modifications_without_evidence",
                        true,
                        "The agent says that it changed files, and the real diff is empty."
                    )
                    : new Finding(
                        "no_files_modified_but_success",
                        false,
                        "The task was to change files, and none changed."
                    )
            );
        }
        if (result.Diff.ExcludedFiles.Count > 0)
        {
            findings.Add(
                new Finding(
                    "sensitive_files_left_out",
                    false,
                    $"Files that are never committed were changed and left out: {string.Join(", ", result.Diff.ExcludedFiles.Take(5))}."
                )
            );
        }
    }

    private static void AddSecrets(RunResult result, List<Finding> findings)
    {
        foreach (var secret in result.Diff.Secrets.Take(5))
        {
            findings.Add(
                new Finding(
                    "secret_in_diff",
                    true,
                    $"{secret.Path}:{secret.Line} adds a secret ({secret.Rule})."
                )
            );
        }
    }

    private static void AddDenials(PolicyRuling? ruling, List<Finding> findings) =>
        findings.AddRange(
            (ruling?.Rulings ?? [])
                .Where(r => r.Verdict == Verdict.Deny)
                .Take(20)
                .Select(r => new Finding(
                    PolicyDenied,
                    true,
                    $"{r.Reason} (rule {r.Rule}, {r.Source})"
                ))
        );

    private static void AddTargets(TaskState state, RunResult result, List<Finding> findings)
    {
        var named = state.Spec?.TargetFiles ?? [];
        if (named.Count == 0 || result.Diff.FilesTotal == 0)
        {
            return;
        }
        var changed = result.Diff.Files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        var outside = changed.Where(path => !named.Any(n => Covers(n, path))).ToList();
        if (outside.Count > 0)
        {
            findings.Add(
                new Finding(
                    "modified_files_outside_expected",
                    false,
                    $"{outside.Count} changed files are not among the named ones, first {outside[0]}."
                )
            );
        }
    }

    private static bool Covers(string named, string path)
    {
        var name = named.StartsWith("./", StringComparison.Ordinal) ? named[2..] : named;
        return path == name || path.StartsWith(name.TrimEnd('/') + "/", StringComparison.Ordinal);
    }

    private static string First(RunResult result) =>
        result.Diff.Files.Count > 0 ? result.Diff.Files[0].Path : "?";
}

/// <summary>Does an answer claim that files were changed? Word-bound, negation aware; used only against an empty diff.</summary>
public static class ChangeClaim
{
    private static readonly string[] Verbs =
    [
        "changed",
        "modified",
        "edited",
        "updated",
        "created",
        "added",
        "wrote",
        "implemented",
        "fixed",
        "removed",
        "deleted",
        "renamed",
    ];

    private static readonly string[] Negations =
    [
        "no",
        "not",
        "nothing",
        "never",
        "without",
        "didn't",
        "haven't",
        "hasn't",
        "none",
        "cannot",
    ];

    /// <summary>True when a sentence says in the past tense that something was changed, and no word in it denies that.</summary>
    public static bool In(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (
            var sentence in text.Split(['.', '!', '\n', ';'], StringSplitOptions.RemoveEmptyEntries)
        )
        {
            var words = sentence.Split(
                [' ', ',', ':', '(', ')', '"', '`', '\t', '\r'],
                StringSplitOptions.RemoveEmptyEntries
            );
            var claims = words.Any(w => Verbs.Contains(w, StringComparer.OrdinalIgnoreCase));
            if (claims && !words.Any(w => Negations.Contains(w, StringComparer.OrdinalIgnoreCase)))
            {
                return true;
            }
        }
        return false;
    }
}
