using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>Small readers and writers at their limits: command lines, counts of a diff, plans, scripts and verdicts.</summary>
public sealed class RunnersTextTests
{
    private const string Zero = "0000000000000000000000000000000000000000";

    private const string Verbs =
        "say, write, append, edit, delete, run, sleep, output, grandchild, commit, raw, bytes, flood, stderr, result, no-result, exit, crash, hang, trespass, link, read, environment, fill, hoard, fork, connect";

    [Theory]
    [InlineData(" a", "\" a\"")]
    [InlineData("\ta", "\"\ta\"")]
    [InlineData("\na", "\"\na\"")]
    [InlineData("\va", "\"\va\"")]
    [InlineData("\"a", "\"\\\"a\"")]
    [InlineData("a\t", "\"a\t\"")]
    [InlineData("\\\\", "\\\\")]
    [InlineData("a\\\\ b", "\"a\\\\ b\"")]
    [InlineData(" \\\\\"", "\" \\\\\\\\\\\"\"")]
    public void An_argument_is_quoted_whatever_it_begins_with(string argument, string written) =>
        Assert.Equal($"\"x\" {written} y", WindowsCommandLine.Write("x", [argument, "y"]));

    [Fact]
    public void Without_arguments_the_line_is_the_program_alone() =>
        Assert.Equal(
            ("\"x\"", "\"x\" raw tail", "\0"),
            (
                WindowsCommandLine.Write("x", []),
                WindowsCommandLine.Write("x", [], "raw tail"),
                WindowsCommandLine.Variables(new Dictionary<string, string>())
            )
        );

    [Theory]
    [InlineData("~ é", "~ \\u{E9}")]
    [InlineData(" !}~", " !}~")]
    [InlineData("\u001F\u007F ~", "\\u{1F}\\u{7F} ~")]
    public void The_first_and_the_last_printable_character_are_shown_as_they_are(
        string text,
        string shown
    ) => Assert.Equal(shown, CommandText.Shown(text));

    [Theory]
    [InlineData("git", "git")]
    [InlineData("git.exe", "git")]
    [InlineData("git.CMD", "git")]
    [InlineData("git.bat", "git")]
    [InlineData("git.Com", "git")]
    [InlineData("git.exe.bat", "git.exe")]
    [InlineData("git.sh", "git.sh")]
    [InlineData("deploy", "deploy")]
    [InlineData(".exe", ".exe")]
    [InlineData("/usr/bin/git", "git")]
    [InlineData("C:\\git\\git.exe", "git")]
    [InlineData("a/b\\c", "c")]
    [InlineData("git/", "")]
    [InlineData("", "")]
    public void A_program_s_name_is_without_its_folder_and_its_ending(string word, string name) =>
        Assert.Equal(name, AskPattern.Name(word));

    [Theory]
    [InlineData("git push", "git push", true, true)]
    [InlineData("git push", "git push", false, true)]
    [InlineData("env git push", "git push", true, true)]
    [InlineData("env git push", "git push", false, false)]
    [InlineData("git -c a push -f", "git push", false, true)]
    [InlineData("push git", "git push", true, false)]
    [InlineData("git", "git push", true, false)]
    [InlineData("git pull", "git push", true, false)]
    [InlineData("git git push", "git git push", true, true)]
    [InlineData("git push", "git git push", true, false)]
    [InlineData("g?t p*", "git push", true, true)]
    [InlineData("git pus[", "git push", true, true)]
    [InlineData("git [p]ush", "git push", true, true)]
    [InlineData("git pus??", "git push", true, false)]
    [InlineData("git PUSH", "GIT push", true, true)]
    [InlineData("git push", "", true, false)]
    [InlineData("git push", "  ", true, false)]
    [InlineData("", "git", true, false)]
    [InlineData("", "git", false, false)]
    public void A_pattern_catches_its_words_in_their_order(
        string line,
        string pattern,
        bool behind,
        bool caught
    ) =>
        Assert.Equal(
            caught,
            AskPattern.Catches(
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries),
                pattern,
                behind
            )
        );

    [Theory]
    [InlineData("cat a &>f", "cat|a >f")]
    [InlineData("cat a &>>f", "cat|a >f")]
    [InlineData("cat a>f", "cat|a >f")]
    [InlineData("cat a>>f", "cat|a >f")]
    [InlineData("cat a>|f", "cat|a >f")]
    [InlineData("cat a>&f", "cat|a >f")]
    [InlineData("cat a<>f", "cat|a >f")]
    [InlineData("cat a<f", "cat|a <f")]
    [InlineData("cat a 12>f", "cat|a >f")]
    [InlineData("cat a >&2 b", "cat|a|b")]
    [InlineData("cat a <&- b", "cat|a|b")]
    [InlineData("cat a&>f b", "cat|a|b >f")]
    [InlineData("cat a& b", "cat|a;b")]
    public void A_redirection_takes_the_word_right_behind_its_sign(string text, string expected) =>
        Assert.Equal(
            expected,
            string.Join(
                ';',
                ShellLine
                    .Read(text, out _)!
                    .Select(c =>
                        string.Join('|', c.Words)
                        + string.Concat(c.Targets.Select(t => $" {(t.Writes ? '>' : '<')}{t.Path}"))
                    )
            )
        );

    [Fact]
    public void A_verdict_denies_asks_grants_or_says_nothing()
    {
        var call = new AskedCall("git push", "docs");

        Assert.Equal(new ToolVerdict("", null, false), ToolVerdict.None);
        Assert.Equal(new ToolVerdict("", null, true), ToolVerdict.Grant);
        Assert.Equal(new ToolVerdict("no", null, false), ToolVerdict.Deny("no"));
        Assert.Same(ToolVerdict.None, ToolVerdict.Deny(""));
        Assert.Equal(
            new ToolVerdict(
                "A person must allow this command first. The run ends here; it goes on when somebody has answered.",
                call,
                false
            ),
            ToolVerdict.Ask(call)
        );
        Assert.Equal(CommandText.Hash("docs", "git push"), call.Hash);
    }

    [Theory]
    [InlineData("/srv/wt/docs/a", "")]
    [InlineData("/SRV/wt/docs/a", "/SRV/wt/docs/a is not in the worktree.")]
    [InlineData("/srv/WT/docs/a", "/srv/WT/docs/a is not in the worktree.")]
    public void A_folder_in_another_case_is_another_folder_but_on_Windows(string path, string says)
    {
        var order = new GuardOrder
        {
            Worktree = Path.GetFullPath("/srv/wt"),
            Readable = [],
            Lane = "docs",
            Writes = true,
            Paths = [],
            Protected = [],
            Tools = ["Read"],
            Commands = [],
            Asks = [],
            Granted = [],
        };
        var call = new JsonObject
        {
            ["hook_event_name"] = "PreToolUse",
            ["cwd"] = order.Worktree,
            ["tool_name"] = "Read",
            ["tool_input"] = new JsonObject { ["file_path"] = path },
        };

        Assert.Equal(
            OperatingSystem.IsWindows() ? "" : says,
            ToolGuard.Judge(order, Encoding.UTF8.GetBytes(call.ToJsonString()), p => p).Denial
        );
    }

    [Fact]
    public void A_file_has_no_mode_where_it_was_not_or_is_no_more()
    {
        var output =
            $":000000 100644 {Zero} {Zero} A\0new\0:100755 000000 {Zero} {Zero} D\0gone\0:100644 100644 {Zero} {Zero} C099\0from\0copy\0"
            + "1\t0\tnew\0-\t-\tgone\02\t3\t\0from\0copy\0";

        Assert.Equal(
            [
                ("new", "", "A", 1, 0, "", "100644"),
                ("gone", "", "D", -1, -1, "100755", ""),
                ("copy", "from", "C", 2, 3, "100644", "100644"),
            ],
            GitDiffReader
                .Files(Encoding.UTF8.GetBytes(output))
                .Select(f =>
                    (
                        f.Path,
                        f.OldPath,
                        f.Status,
                        f.AddedLines,
                        f.DeletedLines,
                        f.OldMode,
                        f.NewMode
                    )
                )
        );
    }

    [Fact]
    public void Counts_that_were_cut_anywhere_never_throw()
    {
        var output = Encoding.UTF8.GetBytes(
            $":100644 100644 {Zero} {Zero} R087\0old\0new\03\t4\t\0old\0new\0"
        );
        var records = output.AsSpan().IndexOf("3\t4\t"u8);
        for (var cut = records; cut <= output.Length; cut++)
        {
            var file = Assert.Single(GitDiffReader.Files(output.AsSpan(0, cut)));

            Assert.Equal(("new", "old", "R"), (file.Path, file.OldPath, file.Status));
        }
        Assert.Equal(
            (3, 4),
            (GitDiffReader.Files(output)[0].AddedLines, GitDiffReader.Files(output)[0].DeletedLines)
        );
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void A_file_of_commands_is_indented_by_at_most_100_blanks(int blanks, bool taken) =>
        Plan($"verify:\n{new string(' ', blanks)}- make\n", taken);

    [Theory]
    [InlineData(400, true)]
    [InlineData(401, false)]
    public void A_file_of_commands_has_at_most_400_brackets(int brackets, bool taken)
    {
        var half = new string('[', brackets - 200) + new string('{', 200);

        Plan($"# {half}\nverify: \n  - make\n", taken);
    }

    [Theory]
    [InlineData(65_536, true)]
    [InlineData(65_537, false)]
    public void A_file_of_commands_has_at_most_64_Ki_characters(int characters, bool taken)
    {
        const string File = "verify:\n  - make\n# ";

        Plan(File + new string('x', characters - File.Length), taken);
    }

    [Theory]
    [InlineData("- make", "line 1: it must be a mapping with the key 'verify'.")]
    [InlineData(
        "verify:\n  - make\nother: 1",
        "line 3: it has the unknown key 'other'; known: verify."
    )]
    [InlineData(
        "verify: make",
        "line 1: it needs under 'verify' a list of at most 20 command lines."
    )]
    [InlineData(
        "verify:\n  - [a]",
        "line 2: it needs under 'verify' a list of at most 20 command lines."
    )]
    public void A_file_of_commands_says_where_it_is_wrong(string file, string problem)
    {
        var plan = VerifyPlan.Choose(file, [], [], null);

        Assert.Equal(("repository", $".orchestrator.yaml, {problem}"), (plan.Source, plan.Problem));
        Assert.Empty(plan.Commands);
    }

    [Theory]
    [InlineData("""{"do":"fly"}""", "does 'fly', which is unknown. Known: " + Verbs)]
    [InlineData("""{"do":"trespass"}""", "names no path")]
    [InlineData("""{"do":"read"}""", "names no path")]
    [InlineData("""{"do":"link","text":"a"}""", "names no path")]
    [InlineData(
        """{"do":"link","path":"/etc"}""",
        "puts a link at '', which is not below the working directory"
    )]
    [InlineData(
        """{"do":"link","path":"/etc","text":"../a"}""",
        "puts a link at '../a', which is not below the working directory"
    )]
    [InlineData("""{"do":"connect"}""", "connects to nothing: give text as host:port")]
    [InlineData("""{"do":"connect","text":"a"}""", "connects to nothing: give text as host:port")]
    [InlineData(
        """{"do":"fill","path":"/a"}""",
        "has the path '/a', which is not below the working directory"
    )]
    [InlineData("""{"do":"trespass","path":"/etc/passwd"}""", "")]
    [InlineData("""{"do":"read","path":"../a"}""", "")]
    [InlineData("""{"do":"link","path":"/etc","text":"a/b"}""", "")]
    [InlineData("""{"do":"connect","text":"a:80"}""", "")]
    [InlineData("""{"do":"fill","path":"a"}""", "")]
    [InlineData("""{"do":"say","number":1025}""", "")]
    public void A_hostile_step_says_what_it_needs(string step, string problem)
    {
        var script = AgentScript.Read($$"""{"version":1,"steps":[{{step}}]}""", out var told);

        Assert.Equal(problem.Length > 0 ? $"Step 1 of the script {problem}." : "", told);
        Assert.Equal(problem.Length == 0, script is not null);
    }

    [Fact]
    public void Every_verb_of_a_script_is_known() =>
        Assert.All(
            Verbs.Split(", "),
            verb =>
                Assert.NotNull(
                    AgentScript.Read(
                        $$"""{"version":1,"steps":[{"do":"{{verb}}","path":"a","text":"a","command":["a"]}]}""".Replace(
                            "\"text\":\"a\"",
                            verb == "connect" ? "\"text\":\"a:1\"" : "\"text\":\"a\"",
                            StringComparison.Ordinal
                        ),
                        out _
                    )
                )
        );

    private static void Plan(string file, bool taken)
    {
        var plan = VerifyPlan.Choose(file, [], [], null);

        Assert.Equal(
            taken
                ? ""
                : ".orchestrator.yaml, line 1: it is too long or nested too deep for a list of commands.",
            plan.Problem
        );
        Assert.Equal(taken ? ["make"] : [], plan.Commands);
    }
}
