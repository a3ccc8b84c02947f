using CsCheck;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>What must hold for every policy and every path.</summary>
public sealed class PolicyPropertyTests
{
    private const int Size = 3_000;

    private static readonly string[] Parts =
    [
        "src",
        "docs",
        "tests",
        "core",
        "Größe",
        "Ångström",
        "ñandú",
        "한글",
        ".github",
        "workflows",
        ".claude",
    ];

    private static readonly string[] Names =
    [
        "a.cs",
        "a_test.py",
        "readme.md",
        "CLAUDE.md",
        "Résumé.txt",
        "package-lock.json",
        "build.yml",
        "x.generated.ts",
    ];

    private static readonly Gen<string> Path = Gen.Select(
        Any(Parts).Array[0, 3],
        Any(Names),
        (folders, name) => string.Join('/', [.. folders, name])
    );

    private static readonly Gen<LinedGlob> Glob = Gen.Select(
            Any([.. Parts, "*", "**", "?ocs", "{src,docs}", "c*e"]).Array[1, 3],
            Any("**", "*.md", "*", "a.cs", "**/*.cs", "readme.*", "résumé.txt")
        )
        .Select((folders, name) => string.Join('/', [.. folders, name]).Replace("**/**", "**"))
        .Select(text => new LinedGlob(PathGlob.Read(text, out _)!, text.Length));

    private static readonly Gen<Verdict> AnyVerdict = Any(
        Verdict.Allow,
        Verdict.NeedsApproval,
        Verdict.Deny
    );

    private static readonly Gen<PolicyCondition> Condition = Gen.Select(
        Glob.Array[0, 2],
        Any([ChangeKind.None, .. ChangeKinds.All.Select(k => k.Kind)]),
        Any("", "alice", "*"),
        Any(-1, 0, 5, 50),
        Any("", "low", "high"),
        (globs, kinds, who, lines, risk) =>
            new PolicyCondition
            {
                Paths = globs,
                Kinds = kinds,
                Requesters = who.Length > 0 ? [NamePattern.OfPerson(who, 1, out _)!] : [],
                LinesOver = lines < 0 ? null : lines,
                Risk = risk.Length > 0 ? [risk] : [],
            }
    );

    private static readonly Gen<PolicyRule> Rule = Gen.Select(
        Condition,
        Gen.Bool,
        Gen.Int[1, 3],
        (when, deny, approvals) =>
            new PolicyRule
            {
                Name = "rule",
                Line = 7,
                Verdict = deny ? Verdict.Deny : Verdict.NeedsApproval,
                When = when,
                Approvals = approvals,
                AtPlan = !when.OfFiles && !when.OfSize,
            }
    );

    private static readonly Gen<PolicyDocument> Policy = Gen.Select(
        Rule.Array[0, 4],
        Glob.Array[0, 3],
        Glob.Array[0, 3],
        Any(LaneWrite.Direct, LaneWrite.Guarded, LaneWrite.None),
        AnyVerdict.Array[15, 15],
        (rules, protect, paths, write, verdicts) =>
            new PolicyDocument
            {
                Id = "p@0",
                FileName = "p.yaml",
                Rules = [.. rules.Select((r, i) => r with { Name = "rule " + i, Line = i })],
                Protect = protect,
                Lanes =
                [
                    new PolicyLane
                    {
                        Name = "code",
                        Line = 1,
                        Types = [TaskKind.Fix],
                        Write = write,
                        Paths = paths,
                    },
                ],
                Changes =
                [
                    .. ChangeKinds.All.Select(
                        (k, i) => new KindRule(k.Kind, k.Name, verdicts[i], 100 + i, true)
                    ),
                ],
            }
    );

    private static readonly Gen<FileChange> Change = Gen.Select(
        Path,
        Path,
        Gen.Int[0, 5],
        (path, other, what) =>
            what switch
            {
                0 => PolicyFixture.Changed(path),
                1 => PolicyFixture.Linked(path, "../" + other),
                2 => new FileChange(path, other, "R", 3, 3, "100644", "100644"),
                3 => new FileChange(path, "", "D", 0, 3, "100644", ""),
                4 => new FileChange(path, "", "M", 0, 0, "100644", "100755"),
                _ => new FileChange(path, "", "A", 60, 0, "", "100644"),
            }
    );

    private static readonly Gen<PolicyRequest> Request = Gen.Select(
        Any("alice", "bob"),
        Any("low", "high"),
        (who, risk) => PolicyFixture.Request(requester: who, risk: risk)
    );

    private static readonly Gen<Func<PolicyDocument, PolicyDocument>> Denial = Gen.OneOf(
        Rule.Select(r =>
            (Func<PolicyDocument, PolicyDocument>)(
                p =>
                    p with
                    {
                        Rules = [.. p.Rules, r with { Name = "new", Verdict = Verdict.Deny }],
                    }
            )
        ),
        Glob.Select(g =>
            (Func<PolicyDocument, PolicyDocument>)(p => p with { Protect = [.. p.Protect, g] })
        ),
        Gen.Int[0, 14]
            .Select(i =>
                (Func<PolicyDocument, PolicyDocument>)(
                    p =>
                        p with
                        {
                            Changes =
                            [
                                .. p.Changes.Select(
                                    (c, j) => j == i ? c with { Verdict = Verdict.Deny } : c
                                ),
                            ],
                        }
                )
            ),
        Any("app", "*", "other", "/home/**")
            .Select(name =>
                (Func<PolicyDocument, PolicyDocument>)(
                    p =>
                        p with
                        {
                            RepositoriesDenied =
                            [
                                .. p.RepositoriesDenied,
                                NamePattern.OfRepository(name, 3, out _)!,
                            ],
                        }
                )
            )
    );

    [Fact]
    public void Adding_a_deny_never_allows_more() =>
        Gen.Select(Policy, Denial, Request, Change.Array[1, 4])
            .Sample(
                (policy, deny, request, changes) =>
                {
                    var stricter = deny(policy);
                    Assert.True(
                        Worst(stricter, request, changes) >= Worst(policy, request, changes),
                        string.Join(", ", changes.Select(c => c.Path))
                    );
                    var before = PolicyFixture.OnDiff(policy, request, changes);
                    var after = PolicyFixture.OnDiff(stricter, request, changes);
                    Assert.True(after.Approvals >= 0 && Keeps(before, after));
                },
                iter: Size
            );

    [Fact]
    public void Adding_an_allow_never_overrides_a_deny() =>
        Gen.Select(Policy, Glob, Request, Change.Array[1, 4])
            .Sample(
                (policy, glob, request, changes) =>
                {
                    var wider = policy with
                    {
                        RepositoriesAllowed = [NamePattern.OfRepository("*", 2, out _)!],
                        Lanes =
                        [
                            .. policy.Lanes.Select(l =>
                                l.Paths.Count == 0 ? l : l with { Paths = [.. l.Paths, glob] }
                            ),
                        ],
                    };
                    var before = PolicyFixture.OnDiff(policy, request, changes);
                    var after = PolicyFixture.OnDiff(wider, request, changes);
                    Assert.Empty(
                        before
                            .Rulings.Where(r =>
                                r.Verdict == Verdict.Deny
                                && !r.Rule.EndsWith(" paths", StringComparison.Ordinal)
                            )
                            .Select(r => r.Rule)
                            .Except(after.Rulings.Select(r => r.Rule))
                    );
                },
                iter: Size
            );

    [Fact]
    public void A_path_s_spelling_never_changes_its_ruling() =>
        Gen.Select(Policy, Request, Change, Gen.Int[0, 63])
            .Sample(
                (policy, request, change, how) =>
                {
                    var spelled = change with
                    {
                        Path = Spell(change.Path, how),
                        OldPath = change.OldPath.Length > 0 ? Spell(change.OldPath, how) : "",
                    };
                    Assert.Equal(
                        PolicyFixture.Rules(PolicyFixture.OnDiff(policy, request, change)),
                        PolicyFixture.Rules(PolicyFixture.OnDiff(policy, request, spelled))
                    );
                },
                iter: Size
            );

    [Fact]
    public void A_link_is_ruled_like_what_it_leads_to() =>
        Gen.Select(Policy, Request, Path, Path, Gen.Int[0, 63])
            .Sample(
                (policy, request, path, target, how) =>
                {
                    var up = string.Concat(Enumerable.Repeat("../", path.Count(c => c == '/')));
                    var direct = PolicyFixture.OnDiff(policy, request, New(target));
                    var linked = PolicyFixture.OnDiff(
                        policy,
                        request,
                        PolicyFixture.Linked(path, Spell(up + target, how & ~2))
                    );
                    Assert.Empty(PolicyFixture.Rules(direct).Except(PolicyFixture.Rules(linked)));
                },
                iter: Size
            );

    [Fact]
    public void A_plan_s_target_is_denied_only_if_the_work_on_it_is() =>
        Gen.Select(Policy, Request, Path)
            .Sample(
                (policy, request, path) =>
                {
                    var plan = PolicyEngine.OnPlan(policy, request, [path]);
                    var work = PolicyFixture.OnDiff(policy, request, PolicyFixture.Changed(path));
                    Assert.True(plan.Verdict != Verdict.Deny || work.Verdict == Verdict.Deny);
                },
                iter: Size
            );

    [Fact]
    public void What_the_run_was_denied_stays_denied_by_a_later_policy() =>
        Gen.Select(Policy, Policy, Request, Path)
            .Sample(
                (then, now, request, path) =>
                {
                    var lane = PolicyEngine.OnPlan(then, request, []).Lane!;
                    var key = RepositoryPath.Of(path).Key;
                    var ruling = PolicyEngine.OnDiff(
                        now,
                        request,
                        lane,
                        PolicyFixture.Diff(PolicyFixture.Changed(path))
                    );
                    Assert.True(
                        ruling.Verdict == Verdict.Deny
                            || (
                                !then.Protect.Any(p => p.Glob.Matches(key))
                                && (
                                    then.Lanes[0].Paths.Count == 0
                                    || then.Lanes[0].Paths.Any(p => p.Glob.Matches(key))
                                )
                            )
                    );
                },
                iter: Size
            );

    private static Gen<T> Any<T>(params T[] values) =>
        Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static FileChange New(string path) => new(path, "", "A", 1, 0, "", "100644");

    private static int Worst(
        PolicyDocument policy,
        PolicyRequest request,
        IReadOnlyList<FileChange> changes
    ) =>
        new[]
        {
            PolicyEngine.OnRequest(policy, request),
            PolicyEngine.OnPlan(policy, request, [.. changes.Select(c => c.Path)]),
            PolicyFixture.OnDiff(policy, request, [.. changes]),
        }.Max(r => PolicyFixture.Severity(r.Verdict));

    // What denied before still does, under the same name.
    private static bool Keeps(PolicyRuling before, PolicyRuling after) =>
        !before
            .Rulings.Where(r => r.Verdict == Verdict.Deny)
            .Select(r => r.Rule)
            .Except(after.Rulings.Where(r => r.Verdict == Verdict.Deny).Select(r => r.Rule))
            .Any();

    private static string Spell(string path, int how)
    {
        var text = path;
        if ((how & 1) != 0)
        {
            text = new string([
                .. text.Select(c =>
                    char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)
                ),
            ]);
        }
        if ((how & 2) != 0)
        {
            text = "x/../" + text;
        }
        if ((how & 4) != 0)
        {
            text = "./" + text.Replace("/", "//", StringComparison.Ordinal);
        }
        if ((how & 8) != 0)
        {
            text = Decomposed(text);
        }
        if ((how & 16) != 0)
        {
            text = text.Replace("/", "/./y/../", StringComparison.Ordinal);
        }
        return (how & 32) != 0 ? text.Replace('/', '\\') : text;
    }

    // By hand, since the product's own table is what is tested.
    private static string Decomposed(string text) =>
        text.Replace("ö", "o\u0308", StringComparison.Ordinal)
            .Replace("Ö", "O\u0308", StringComparison.Ordinal)
            .Replace("Å", "A\u030A", StringComparison.Ordinal)
            .Replace("å", "\u0061\u030A", StringComparison.Ordinal)
            .Replace("ñ", "n\u0303", StringComparison.Ordinal)
            .Replace("Ñ", "N\u0303", StringComparison.Ordinal)
            .Replace("é", "e\u0301", StringComparison.Ordinal)
            .Replace("É", "E\u0301", StringComparison.Ordinal)
            .Replace("한", "\u1112\u1161\u11AB", StringComparison.Ordinal)
            .Replace("글", "\u1100\u1173\u11AF", StringComparison.Ordinal);
}
