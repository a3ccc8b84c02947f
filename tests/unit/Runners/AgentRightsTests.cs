using CsCheck;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>A lane in the words of the agent's own permission rules.</summary>
public sealed class AgentRightsTests
{
    private const string Root = "//srv/wt";

    private static readonly LaneRights Lane = new() { Name = "docs", Write = LaneWrite.Direct };

    [Fact]
    public void Without_a_lane_the_worktree_is_read_and_edited_and_nothing_else()
    {
        var (tools, allow, deny) = Of(null, commands: ["dotnet test"]);

        Assert.Equal("Read,Glob,Grep,Edit,Write,Bash", tools);
        Assert.Equal(["Read(//srv/wt/**)", "Edit(//srv/wt/**)", "Bash(dotnet test:*)"], allow);
        Assert.Equal(
            [
                "Edit(//srv/wt/**/.git)",
                "Edit(//srv/wt/**/.git/**)",
                "Edit(//srv/wt/**/.env)",
                "Edit(//srv/wt/**/.npmrc)",
            ],
            deny
        );
    }

    [Fact]
    public void Braces_are_written_out_and_a_folder_is_all_below_it()
    {
        var (_, allow, deny) = Of(
            Lane with
            {
                Paths = ["{docs,guide}/**/*.{md,txt}", "notes/"],
                Protected = ["docs/{legal,terms}/**"],
            }
        );

        Assert.Equal(
            [
                "Edit(//srv/wt/docs/**/*.md)",
                "Edit(//srv/wt/docs/**/*.txt)",
                "Edit(//srv/wt/guide/**/*.md)",
                "Edit(//srv/wt/guide/**/*.txt)",
                "Edit(//srv/wt/notes/**)",
            ],
            allow.Where(r => r.StartsWith("Edit", StringComparison.Ordinal)).Order()
        );
        Assert.Contains("Edit(//srv/wt/docs/legal/**)", deny);
        Assert.Contains("Edit(//srv/wt/docs/terms/**)", deny);
    }

    [Fact]
    public void A_glob_of_files_gives_nothing_below_folders_of_that_name()
    {
        var (_, _, deny) = Of(Lane with { Paths = ["docs/*", "README.md"] });
        Assert.Contains("Edit(//srv/wt/docs/*/**)", deny);
        Assert.Contains("Edit(//srv/wt/README.md/**)", deny);

        var (_, _, covered) = Of(Lane with { Paths = ["docs/*", "docs/**"] });
        Assert.DoesNotContain("Edit(//srv/wt/docs/*/**)", covered);
    }

    [Theory]
    [InlineData("docs/**),Edit(//**")]
    [InlineData("docs/a)")]
    [InlineData("(docs)/**")]
    [InlineData("docs/**\nEdit(//**)")]
    [InlineData("/etc/**")]
    [InlineData("../**")]
    [InlineData("docs/../../**")]
    [InlineData("C:/Windows/**")]
    [InlineData("")]
    public void A_hostile_path_becomes_no_rule(string path)
    {
        var (_, allow, _) = Of(Lane with { Paths = [path] });
        Assert.Equal("Read(//srv/wt/**)", Assert.Single(allow));
    }

    [Theory]
    [InlineData("docs/a) Edit(//srv/wt/b", "Edit(//srv/wt/docs/a? Edit?//srv/wt/b)")]
    [InlineData("app/(auth)/**", "Edit(//srv/wt/app/?auth?/**)")]
    public void A_protected_path_stays_one_denial_and_grows_where_it_must(string path, string rule)
    {
        var (_, _, deny) = Of(Lane with { Protected = [path] });
        if (PathGlob.Read(path, out _) is not null)
        {
            Assert.Contains(rule, deny);
        }
        Assert.All(deny, d => Assert.Equal(1, d.Count(c => c == ')')));
    }

    [Fact]
    public void Where_the_protected_paths_cannot_be_read_nothing_is_written()
    {
        var (_, allow, _) = Of(Lane with { Protected = ["docs/[ab]"] });
        Assert.DoesNotContain(allow, r => r.StartsWith("Edit", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("rm) Bash(")]
    [InlineData("dotnet test:*) Edit(//")]
    [InlineData("*")]
    [InlineData("a\nb")]
    [InlineData(" git")]
    [InlineData("")]
    public void A_hostile_command_becomes_no_rule(string command)
    {
        var (_, allow, _) = Of(Lane with { Commands = [command, "make"] });
        Assert.Equal(
            "Bash(make:*)",
            Assert.Single(allow, r => r.StartsWith("Bash", StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("Bash,WebFetch")]
    [InlineData("--allowedTools")]
    [InlineData("Bash(rm:*)")]
    [InlineData("")]
    public void A_hostile_tool_is_not_offered(string tool)
    {
        var (tools, _, _) = Of(Lane with { Tools = [tool, "Read"] });
        Assert.Equal("Read", tools);
    }

    [Fact]
    public void A_lane_that_writes_nothing_offers_nothing_that_writes_whatever_it_names()
    {
        var (tools, allow, _) = Of(
            Lane with
            {
                Write = LaneWrite.None,
                Tools = ["Read", "Edit", "Write", "NotebookEdit", "Bash"],
                Commands = ["make"],
                Paths = ["docs/**"],
            }
        );
        Assert.Equal("Read", tools);
        Assert.Equal("Read(//srv/wt/**)", Assert.Single(allow));
    }

    [Fact]
    public void The_commands_of_the_lane_take_the_place_of_the_hosts()
    {
        Assert.DoesNotContain(
            Of(Lane with { Commands = [] }, commands: ["make"]).Allow,
            r => r.StartsWith("Bash", StringComparison.Ordinal)
        );
    }

    private static readonly Gen<string> Part = Any("docs", "src", "a.md", "b.cs", "x");

    private static readonly Gen<string> Glob = Gen.Select(
        Any("docs", "src", "*", "**", "?", "{docs,src}", "d*", "x").Array[0, 3],
        Any("**", "*", "*.md", "?.*", "{a.md,b.cs}", "docs", "a.md"),
        (folders, last) =>
            string.Join('/', [.. folders, last]).Replace("**/**", "**", StringComparison.Ordinal)
    );

    [Fact]
    public void The_rules_never_allow_a_path_that_the_lane_does_not()
    {
        var allowedOnes = 0;
        Gen.Select(
                Glob.Array[0, 3],
                Glob.Array[0, 2],
                Part.Array[1, 5].Select(p => string.Join('/', p)).Array[20]
            )
            .Sample(
                (paths, guarded, files) =>
                {
                    var lane = Lane with { Paths = paths, Protected = guarded };
                    var (_, allow, deny) = Of(lane);
                    foreach (var file in files)
                    {
                        if (Holds(allow, file) && !Holds(deny, file))
                        {
                            Interlocked.Increment(ref allowedOnes);
                            Assert.Equal("", LaneGuard.Violation(lane, [file]));
                        }
                    }
                },
                iter: 10_000
            );
        Assert.True(allowedOnes > 1_000, $"only {allowedOnes} paths were allowed at all");
    }

    private static Gen<string> Any(params string[] values) =>
        Gen.Int[0, values.Length - 1].Select(i => values[i]);

    // As the CLI was measured to match: like .gitignore, without case, a folder that matches holds all below it.
    private static bool Holds(IEnumerable<string> rules, string file)
    {
        var parts = file.Split('/');
        var prefixes = Enumerable
            .Range(1, parts.Length)
            .Select(n => string.Join('/', parts.Take(n)))
            .ToList();
        return rules
            .Where(r => r.StartsWith("Edit(" + Root + "/", StringComparison.Ordinal))
            .Select(r => r[("Edit(" + Root + "/").Length..^1])
            .Any(pattern => prefixes.Exists(p => Ignores(pattern.Split('/'), p.Split('/'))));
    }

    private static bool Ignores(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        if (pattern.IsEmpty)
        {
            return path.IsEmpty;
        }
        if (pattern[0] == "**")
        {
            // At the end it is everything below; elsewhere any number of folders.
            if (pattern.Length == 1)
            {
                return !path.IsEmpty;
            }
            for (var skip = 0; skip <= path.Length; skip++)
            {
                if (Ignores(pattern[1..], path[skip..]))
                {
                    return true;
                }
            }
            return false;
        }
        return !path.IsEmpty
            && System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern[0], path[0])
            && Ignores(pattern[1..], path[1..]);
    }

    private static (string Tools, List<string> Allow, List<string> Deny) Of(
        LaneRights? lane,
        IReadOnlyList<string>? commands = null
    )
    {
        var arguments = AgentRights
            .Of(TaskKind.Fix, readOnly: false, lane, Root, commands ?? [])
            .ToList();
        var (tools, allow, deny) = (
            arguments.IndexOf("--tools"),
            arguments.IndexOf("--allowedTools"),
            arguments.IndexOf("--disallowedTools")
        );
        Assert.Equal((0, 2), (tools, allow));
        return (arguments[1], arguments[3..deny], arguments[(deny + 1)..]);
    }
}
