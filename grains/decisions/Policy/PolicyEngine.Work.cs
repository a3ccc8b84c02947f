using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Policy;

// The rules about changed files.
public static partial class PolicyEngine
{
    /// <summary>One judging of work.</summary>
    private sealed class Work
    {
        private readonly PolicyDocument policy;
        private readonly PolicyLane lane;
        private readonly LaneRights rights;
        private readonly Known known;
        private readonly RulingSheet sheet;
        private readonly List<PathGlob>? runPaths;
        private readonly List<PathGlob> runProtected;
        private readonly bool runProtectedBroken;

        public Work(
            PolicyDocument policy,
            PolicyLane lane,
            LaneRights rights,
            Known known,
            RulingSheet sheet
        )
        {
            this.policy = policy;
            this.lane = lane;
            this.rights = rights;
            this.known = known;
            this.sheet = sheet;
            // What the policy of now says too need not be looked for twice.
            var paths = lane.Paths.Select(p => p.Glob.Text).ToHashSet(StringComparer.Ordinal);
            runPaths =
                rights.Paths.Count == 0 || paths.SetEquals(rights.Paths)
                    ? null
                    : Globs(rights.Paths);
            var now = policy.Protect.Concat(lane.Protect).Select(p => p.Glob.Text);
            var gone = rights.Protected.Except(now, StringComparer.Ordinal).ToList();
            runProtected = Globs(gone);
            runProtectedBroken = runProtected.Count < gone.Count;
        }

        /// <summary>What is about the diff as a whole.</summary>
        public void JudgeWhole(DiffSummary diff)
        {
            if (lane.Write == LaneWrite.None || rights.Write == LaneWrite.None)
            {
                sheet.Deny(
                    $"lane {lane.Name} writes nothing",
                    lane.Line,
                    "",
                    _ =>
                        $"Lane '{lane.Name}' writes nothing, and {N(known.Files ?? 0)} files were changed. Ask for a type of work whose lane writes."
                );
            }
            if (diff.FilesTotal > diff.Files.Count)
            {
                sheet.Deny(
                    "unseen_files",
                    lane.Line,
                    "",
                    _ =>
                        $"Only {N(diff.Files.Count)} of {N(diff.FilesTotal)} changed files are listed, and the rest cannot be judged. Split the work."
                );
            }
            Budget("diff_lines", lane.DiffLinesMax, known.Lines ?? 0, "lines");
            Budget("diff_files", lane.DiffFilesMax, known.Files ?? 0, "files");
            foreach (var rule in Questions())
            {
                if (!rule.When.OfFiles && Holds(policy, rule.When, known))
                {
                    sheet.Ask(
                        rule.Name,
                        rule.Line,
                        "",
                        rule.Approvals,
                        rule.By,
                        _ => Asked(rule, "")
                    );
                }
            }
        }

        /// <summary>Every file by every rule about files.</summary>
        public void JudgeFiles(IReadOnlyList<ChangedFile> files)
        {
            var rules = policy
                .Rules.Where(r => r.Verdict == Verdict.Deny)
                .Concat(Questions())
                .Where(r => r.When.OfFiles && Holds(policy, r.When, known))
                .ToList();
            foreach (var file in files)
            {
                JudgePlace(file);
                JudgeLane(file, certain: false);
                JudgeKinds(file, asks: true);
                foreach (var rule in rules)
                {
                    Judge(rule, file);
                }
            }
        }

        /// <summary>A path that the plan means to change: only what denies it surely.</summary>
        public void JudgeTarget(ChangedFile file)
        {
            JudgePlace(file);
            JudgeLane(file, certain: true);
            JudgeKinds(file, asks: false);
            foreach (var rule in policy.Rules)
            {
                if (
                    rule.Verdict == Verdict.Deny
                    && rule.When.OfFiles
                    && Holds(policy, rule.When, known)
                )
                {
                    Judge(rule, file);
                }
            }
        }

        /// <summary>Guarded work is staged until somebody says yes; the lane's own approvals may ask for more.</summary>
        public void AskGuarded()
        {
            if (lane.Write == LaneWrite.Guarded || rights.Write == LaneWrite.Guarded)
            {
                sheet.Ask(
                    $"guarded lane {lane.Name}",
                    lane.Line,
                    "",
                    1,
                    [],
                    _ =>
                        $"Work of lane '{lane.Name}' is only applied when somebody has approved it."
                );
            }
        }

        private IEnumerable<PolicyRule> Questions() =>
            policy
                .Rules.Concat(lane.Approvals)
                .Where(r => r.Verdict == Verdict.NeedsApproval && !r.AtPlan);

        private void Judge(PolicyRule rule, ChangedFile file)
        {
            if (!Meets(rule.When, file))
            {
                return;
            }
            if (rule.Verdict == Verdict.Deny)
            {
                sheet.Deny(rule.Name, rule.Line, file.Shown, files => Denied(rule, files));
            }
            else
            {
                sheet.Ask(
                    rule.Name,
                    rule.Line,
                    file.Shown,
                    rule.Approvals,
                    rule.By,
                    files => Asked(rule, files)
                );
            }
        }

        // Denied whatever a policy says.
        private void JudgePlace(ChangedFile file)
        {
            foreach (var name in file.Names)
            {
                if (name.Escapes)
                {
                    sheet.Deny(
                        "path_outside",
                        lane.Line,
                        file.Shown,
                        files => $"{files} leaves the repository. Work below its root."
                    );
                }
                if (name.IsGitInternal)
                {
                    sheet.Deny(
                        "git_internals",
                        lane.Line,
                        file.Shown,
                        files => $"{files} is part of git's own folder. Leave it to git."
                    );
                }
            }
        }

        private void JudgeLane(ChangedFile file, bool certain)
        {
            if (Caught(policy.Protect, file) is { } global)
            {
                Protected("protect", global.Line, global.Glob, file);
            }
            if (Caught(lane.Protect, file) is { } own)
            {
                Protected($"lane {lane.Name} protect", own.Line, own.Glob, file);
            }
            foreach (var name in file.Names)
            {
                if (runProtectedBroken || runProtected.Exists(g => g.Matches(name.Key)))
                {
                    sheet.Deny(
                        "protected for the run",
                        lane.Line,
                        file.Shown,
                        files =>
                            $"{files} was protected when the run began. Start another turn under the policy of now."
                    );
                }
                if (lane.Paths.Count > 0 && !lane.Paths.Any(p => Allows(p.Glob, name.Key, certain)))
                {
                    sheet.Deny(
                        $"lane {lane.Name} paths",
                        lane.PathsLine,
                        file.Shown,
                        files =>
                            $"{files} is none of the paths that lane '{lane.Name}' may change. Leave it alone, or ask for a type of work whose lane may."
                    );
                }
                if (runPaths is not null && !runPaths.Exists(p => Allows(p, name.Key, certain)))
                {
                    sheet.Deny(
                        "paths of the run",
                        lane.Line,
                        file.Shown,
                        files =>
                            $"{files} was none of the paths that the run might change. Start another turn under the policy of now."
                    );
                }
            }
        }

        // A folder that is only meant to be worked in may hold an allowed file.
        private static bool Allows(PathGlob glob, string key, bool certain) =>
            certain ? glob.MayHold(key) : glob.Matches(key);

        private void Protected(string rule, int line, PathGlob glob, ChangedFile file) =>
            sheet.Deny(
                rule,
                line,
                file.Shown,
                files =>
                    $"{files} is protected by '{glob.Text}'. Leave it alone, or have a person change it."
            );

        private void JudgeKinds(ChangedFile file, bool asks)
        {
            foreach (var rule in policy.Changes)
            {
                if ((file.Kinds & rule.Kind) == 0 || rule.Verdict == Verdict.Allow)
                {
                    continue;
                }
                var name = "changes." + rule.Name + (rule.Said ? "" : " (built in)");
                if (rule.Verdict == Verdict.Deny)
                {
                    sheet.Deny(name, rule.Line, file.Shown, files => KindDenied(rule, file, files));
                }
                else if (asks)
                {
                    sheet.Ask(
                        name,
                        rule.Line,
                        file.Shown,
                        1,
                        [],
                        files =>
                            $"{files} is a change of the kind {rule.Name}, which is asked about."
                    );
                }
            }
        }

        private static string KindDenied(KindRule rule, ChangedFile file, string files)
        {
            var odd = file.Names.FirstOrDefault(n => n.Oddity.Length > 0)?.Oddity;
            return rule.Kind == ChangeKind.OddName && odd is not null
                ? $"{files} has an odd name: {odd}. Choose a name that every platform reads the same."
                : $"{files} is a change of the kind {rule.Name}, which is denied. Leave it out, or have a person make it.";
        }

        private void Budget(string name, int max, int actual, string unit)
        {
            if (max > 0 && actual > max)
            {
                sheet.Deny(
                    $"lane {lane.Name} {name}",
                    lane.BudgetLine,
                    "",
                    _ =>
                        $"The diff has {N(actual)} {unit}, and lane '{lane.Name}' allows {N(max)}. Split the work."
                );
            }
        }

        // A pattern that this build does not take allows nothing.
        private static List<PathGlob> Globs(IReadOnlyList<string> patterns) =>
            [.. patterns.Select(p => PathGlob.Read(p, out _)).OfType<PathGlob>()];
    }
}
