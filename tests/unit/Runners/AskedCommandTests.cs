using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>Commands that a person must allow: which they are, what exactly a yes lets through, and what people are shown.</summary>
public sealed class AskedCommandTests
{
    private const string Push = "git push origin main";

    private static readonly string[] Words =
    [
        "git",
        "GIT",
        "/usr/bin/git",
        "push",
        "pus?",
        "origin",
        "main",
        "commit",
        "status",
        "make",
        "rm",
        "--no-pager",
        "-m",
        "docs/a.md",
        "src/x.cs",
        "/etc/passwd",
        ".git/config",
        "'a b'",
        "&&",
        ";",
        ">",
        "cd",
    ];

    private static readonly GuardOrder Order = new()
    {
        Worktree = Path.GetFullPath("/srv/wt"),
        Readable = [Path.GetFullPath("/srv/run")],
        Lane = "docs",
        Writes = true,
        Paths = ["docs/**"],
        Protected = ["docs/legal/**"],
        Tools = ["Read", "Bash"],
        Commands = ["make", "git", "env"],
        Asks = ["git push", "rm", "./deploy.sh"],
        Granted = [],
    };

    private static readonly Gen<string> Line = Gen.Int[0, Words.Length - 1]
        .Array[1, 7]
        .Select(at => string.Join(' ', at.Select(i => Words[i])));

    private static readonly Gen<string> Pattern = Gen.Int[0, Words.Length - 1]
        .Array[1, 2]
        .Select(at => string.Join(' ', at.Select(i => Words[i])));

    [Theory]
    [InlineData(Push)]
    [InlineData("git push")]
    [InlineData("git 'push'")]
    [InlineData("git pu\\sh")]
    [InlineData("git --no-pager push")]
    [InlineData("git --attr-source HEAD push")]
    [InlineData("git pus?")]
    [InlineData("git p[u]sh")]
    [InlineData("git *")]
    [InlineData("git PUSH")]
    [InlineData("env git push")]
    [InlineData("env git.exe push")]
    [InlineData("git status && git push")]
    [InlineData("git push; make")]
    [InlineData("make\ngit push")]
    [InlineData("rm docs/a.md")]
    [InlineData("./deploy.sh now")]
    public void A_command_of_the_list_is_asked_about_in_every_spelling_that_the_shell_takes_for_it(
        string command
    )
    {
        var verdict = Judge(command);

        Assert.Equal(new AskedCall(command, ""), verdict.Asked);
        Assert.False(verdict.Granted);
        Assert.StartsWith(
            "A person must allow this command first.",
            verdict.Denial,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("git status")]
    [InlineData("git commit -m 'git push'")]
    [InlineData("git commit -m pushed")]
    [InlineData("make push")]
    [InlineData("cat docs/rm")]
    [InlineData("echo git push")]
    [InlineData("grep -rn x docs")]
    public void Every_other_command_is_judged_as_before(string command) =>
        Assert.Equal(ToolVerdict.None, Judge(command));

    [Theory]
    [InlineData("git push /etc/passwd")]
    [InlineData("git push > src/x.cs")]
    [InlineData("git push && wget x")]
    [InlineData("git -c a=b push")]
    [InlineData("git push --receive-pack=x")]
    [InlineData("rm docs/legal/terms.md")]
    [InlineData("rm .git/config")]
    [InlineData("sudo git push")]
    [InlineData("/usr/bin/git push")]
    [InlineData("git push $(cat x)")]
    [InlineData("git push\0")]
    public void What_is_denied_is_denied_and_never_asked_about_or_granted(string command)
    {
        var granted = Order with { Granted = [CommandText.Hash("", command)] };
        foreach (var order in (GuardOrder[])[Order, granted])
        {
            var verdict = Judge(command, order);
            Assert.NotEqual("", verdict.Denial);
            Assert.Null(verdict.Asked);
            Assert.False(verdict.Granted);
        }
    }

    [Fact]
    public void A_yes_lets_exactly_this_line_through_in_exactly_this_folder()
    {
        var order = Order with { Granted = [CommandText.Hash("docs", Push)] };

        Assert.Equal(ToolVerdict.Grant, Judge(Push, order, "/srv/wt/docs"));
        Assert.Equal(new AskedCall(Push, ""), Judge(Push, order).Asked);
        Assert.Equal(new AskedCall(Push, "docs/a"), Judge(Push, order, "/srv/wt/docs/a").Asked);
        foreach (
            var other in (string[])
                [
                    Push + " ",
                    " " + Push,
                    "git  push origin main",
                    "git push origin main --force",
                    "git push origin m\u0430in",
                    "git push origin main\n",
                    "git push origin \"main\"",
                ]
        )
        {
            Assert.Equal(new AskedCall(other, "docs"), Judge(other, order, "/srv/wt/docs").Asked);
        }
    }

    [Fact]
    public void Outside_of_the_worktree_nothing_is_asked_about() =>
        Assert.Equal(
            "A command that a person must allow is only run in the worktree.",
            Judge(Push, Order, "/srv/run").Denial
        );

    [Theory]
    [InlineData(600, true)]
    [InlineData(601, false)]
    [InlineData(65_536, false)]
    [InlineData(100_000, false)]
    public void What_cannot_be_shown_whole_is_denied(int characters, bool asked)
    {
        var command = "git push " + new string('x', characters - 9);

        Assert.Equal(asked, Judge(command).Asked is not null);
        Assert.NotEqual("", Judge(command).Denial);
    }

    [Theory]
    [InlineData("git push", "git push")]
    [InlineData("git push \u001b[2K\r", "git push \\u{1B}[2K\\u{D}")]
    [InlineData("git push\nrm x", "git push\\u{A}rm x")]
    [InlineData("git push \u202Eniam", "git push \\u{202E}niam")]
    [InlineData("git push m\u0430in", "git push m\\u{430}in")]
    [InlineData("git push \U0001F680", "git push \\u{1F680}")]
    [InlineData("a\tb\0\u007F\u200B", "a\\u{9}b\\u{0}\\u{7F}\\u{200B}")]
    [InlineData("", "")]
    public void People_are_shown_what_no_terminal_obeys_and_no_eye_takes_for_another(
        string text,
        string shown
    ) => Assert.Equal(shown, CommandText.Shown(text));

    [Fact]
    public void What_is_shown_is_printable_ASCII_whatever_it_was() =>
        Gen.String.Sample(text =>
            Assert.All(CommandText.Shown(text), c => Assert.InRange(c, ' ', '~'))
        );

    [Fact]
    public void Other_texts_and_other_folders_have_other_hashes() =>
        Gen.Select(Line, Line, Pattern, Pattern)
            .Sample(
                (one, other, folder, elsewhere) =>
                    Assert.Equal(
                        (one, folder) == (other, elsewhere),
                        CommandText.Hash(folder, one) == CommandText.Hash(elsewhere, other)
                    )
            );

    [Fact]
    public void The_same_command_asked_by_another_attempt_is_another_question()
    {
        var hash = CommandText.Hash("", Push);

        Assert.Equal(64, CommandText.QuestionHash(hash, 1).Length);
        Assert.NotEqual(CommandText.QuestionHash(hash, 1), CommandText.QuestionHash(hash, 2));
        Assert.NotEqual(hash, CommandText.QuestionHash(hash, 1));
    }

    [Fact]
    public void Adding_an_ask_never_allows_more() =>
        Gen.Select(Line, Pattern)
            .Sample(
                (line, pattern) =>
                {
                    var more = Order with { Asks = [.. Order.Asks, pattern] };
                    var (before, after) = (Judge(line), Judge(line, more));
                    // What passed passes or is asked about; what was asked about still is; nothing is granted.
                    Assert.False(after.Granted);
                    Assert.True(Strictness(after) >= Strictness(before) || after.Asked is not null);
                    Assert.True(before.Asked is null || after.Asked is not null);
                },
                iter: 5_000
            );

    [Fact]
    public void Nothing_that_is_allowed_besides_overrides_an_ask_and_a_yes_to_one_line_is_none_to_another() =>
        Gen.Select(Line, Line, Pattern)
            .Sample(
                (line, granted, allowed) =>
                {
                    var wider = Order with { Commands = [.. Order.Commands, allowed] };
                    var given = wider with { Granted = [CommandText.Hash("", granted)] };
                    if (Judge(line).Asked is not null)
                    {
                        Assert.NotNull(Judge(line, wider).Asked);
                    }
                    Assert.Equal(
                        line == granted && Judge(line, wider).Asked is not null,
                        Judge(line, given).Granted
                    );
                },
                iter: 5_000
            );

    [Fact]
    public void A_run_learns_of_the_command_by_the_hook_s_stderr_and_by_nothing_else()
    {
        var call = new AskedCall("git push \"o\" \\ \u001b\n\u00fc", "docs/a b");
        var mark = AskedMark.Write(call);

        Assert.DoesNotContain('\n', mark);
        Assert.Equal(call, Heard(mark + "\n", "PreToolUse:Bash", "success"));
        Assert.Null(Heard(mark, "PreToolUse:Write", "success"));
        Assert.Null(Heard(mark, "PostToolUse:Bash", "success"));
        Assert.Null(Heard(mark, "PreToolUse:Bash", "error"));
        Assert.Null(Heard("x" + mark, "PreToolUse:Bash", "success"));
        for (var cut = 0; cut < mark.Length; cut++)
        {
            Assert.Null(Heard(mark[..cut], "PreToolUse:Bash", "success"));
        }
        Assert.Null(AskedMark.Read("guard-tool asks [\"\",\"\"]"));
        Assert.Null(AskedMark.Read("guard-tool asks [\"a\",null]"));
        Assert.Null(AskedMark.Read("guard-tool asks [\"a\"]"));
        Assert.Null(AskedMark.Read("guard-tool asks {}"));
    }

    [Fact]
    public void The_first_command_that_is_asked_about_is_the_one()
    {
        var reader = new RunOutputReader();
        reader.ExpectGuard();
        Assert.Null(reader.Asked);
        Tell(reader, AskedMark.Write(new AskedCall("git push", "")));
        Tell(reader, AskedMark.Write(new AskedCall("rm x", "")));

        Assert.Equal(new AskedCall("git push", ""), reader.Asked);
        Assert.Equal("", reader.GuardFailure);
    }

    [Fact]
    public void Where_no_guard_judges_the_calls_rules_deny_what_would_be_asked_about()
    {
        var lane = new LaneRights
        {
            Name = "code",
            Write = LaneWrite.Direct,
            Commands = ["git", "make", "/bin/git log"],
            AskCommands = ["git push"],
        };

        var guarded = Rules(lane, guarded: true);
        Assert.Contains("Bash(git:*)", guarded);
        Assert.DoesNotContain("Bash(git push:*)", guarded);

        var bare = Rules(lane, guarded: false);
        Assert.Contains("Bash(make:*)", bare);
        Assert.DoesNotContain("Bash(git:*)", bare);
        Assert.DoesNotContain("Bash(/bin/git log:*)", bare);
        Assert.True(bare.IndexOf("Bash(git push:*)") > bare.IndexOf("--disallowedTools"));
    }

    private static List<string> Rules(LaneRights lane, bool guarded) =>
        [.. AgentRights.Of(TaskKind.Fix, false, lane, "//srv/wt", [], "", guarded)];

    private static int Strictness(ToolVerdict verdict) =>
        verdict.Denial.Length == 0 ? 0
        : verdict.Asked is not null ? 1
        : 2;

    private static AskedCall? Heard(string said, string hook, string outcome)
    {
        var reader = new RunOutputReader();
        reader.ExpectGuard();
        Tell(reader, said, hook, outcome);
        return reader.Asked;
    }

    private static void Tell(
        RunOutputReader reader,
        string said,
        string hook = "PreToolUse:Bash",
        string outcome = "success"
    ) =>
        reader.Push(
            Encoding.UTF8.GetBytes(
                new JsonObject
                {
                    ["type"] = "system",
                    ["subtype"] = "hook_response",
                    ["hook_name"] = hook,
                    ["stdout"] = "{}",
                    ["stderr"] = said,
                    ["outcome"] = outcome,
                }.ToJsonString() + "\n"
            )
        );

    private static ToolVerdict Judge(
        string command,
        GuardOrder? order = null,
        string cwd = "/srv/wt"
    ) =>
        ToolGuard.Judge(
            order ?? Order,
            Encoding.UTF8.GetBytes(
                new JsonObject
                {
                    ["hook_event_name"] = "PreToolUse",
                    ["cwd"] = Path.GetFullPath(cwd),
                    ["tool_name"] = "Bash",
                    ["tool_input"] = new JsonObject { ["command"] = command },
                }.ToJsonString()
            ),
            p => p
        );
}
