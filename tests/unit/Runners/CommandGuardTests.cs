using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>Each command and each option that the guard knows, and the sentence that the agent reads when it is denied.</summary>
public sealed class CommandGuardTests
{
    private static readonly GuardOrder Order = new()
    {
        Worktree = Path.GetFullPath("/srv/wt"),
        Readable = [Path.GetFullPath("/srv/run")],
        Lane = "docs",
        Writes = true,
        Paths = ["docs/**"],
        Protected = ["docs/legal/**"],
        Tools = ["Read", "Glob", "Grep", "Edit", "Write", "Bash", "Other"],
        Commands = ["make"],
        Asks = [],
        Granted = [],
    };

    public static TheoryData<string> Readers =>
        [
            .. (
                "basename cat cd cmp comm cut date df diff dirname du echo egrep expr false fgrep file find fold grep head "
                + "hexdump id jq ls md5sum nl od paste printf pwd readlink realpath rev rg seq sha1sum sha256sum sort stat "
                + "strings tail test tr tree true type uname uniq wc which whoami ["
            ).Split(' '),
        ];

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_program_that_only_reads_needs_no_word_of_the_lane_and_leads_nowhere_else(
        string program
    )
    {
        Assert.Equal("", Says($"{program} a b"[..(program.Length + 2)]));
        if (program is not ("echo" or "printf"))
        {
            var line = program == "uniq" ? "uniq /etc/passwd" : $"{program} x /etc/passwd";
            Assert.Equal("/etc/passwd is not in the worktree.", Says(line));
        }
    }

    [Theory]
    [InlineData("find . -exec x ;")]
    [InlineData("find . -execdir x")]
    [InlineData("find . -ok x")]
    [InlineData("find . -delete")]
    [InlineData("find . -fprint a")]
    [InlineData("find . -fls a")]
    [InlineData("sort --output=docs/a b")]
    [InlineData("sort --compress-program=x b")]
    [InlineData("sort -o docs/a b")]
    [InlineData("sort -ro docs/a b")]
    [InlineData("tree -o docs/a")]
    [InlineData("rg --pre x a")]
    [InlineData("rg --hostname-bin=x a")]
    [InlineData("file -C -m a")]
    [InlineData("date -s tomorrow")]
    [InlineData("date --set=tomorrow")]
    [InlineData("sed s/a/b/ docs/a")]
    [InlineData("sed -n p -i docs/a")]
    [InlineData("sed -n '1e x' docs/a")]
    [InlineData("uniq docs/a docs/b")]
    [InlineData("git push")]
    [InlineData("git")]
    public void By_some_options_a_reading_program_does_more_and_is_none_of_the_lane(
        string command
    ) => Assert.Equal($"'{command.Split(' ')[0]}' is no command of lane docs.", Says(command));

    [Theory]
    [InlineData("sort --reverse docs/a")]
    [InlineData("sort -r docs/a")]
    [InlineData("sort docs/o")]
    [InlineData("uniq -c docs/a")]
    [InlineData("sed -n '1,20p;$p' docs/a docs/b")]
    [InlineData("sed -n '2 q' docs/a")]
    [InlineData("find docs -name x -type f")]
    [InlineData("grep -rn /api/ docs")]
    [InlineData("egrep '/x|/y' docs")]
    [InlineData("fgrep /x docs")]
    [InlineData("rg /x docs")]
    [InlineData("jq /x docs/a")]
    [InlineData("tr / x")]
    [InlineData("echo /etc /root ..")]
    [InlineData("printf /etc /root")]
    [InlineData("cat /srv/run/log")]
    [InlineData("cat a >/dev/null")]
    [InlineData("cat a < /dev/null")]
    [InlineData("cat /dev/null")]
    [InlineData("make CFLAGS= --quiet")]
    [InlineData("make --file=docs/x")]
    [InlineData("git status")]
    [InlineData("git diff")]
    [InlineData("git log -p")]
    [InlineData("git show HEAD")]
    [InlineData("git ls-files")]
    [InlineData("git ls-tree HEAD")]
    [InlineData("git blame a")]
    [InlineData("git rev-parse HEAD")]
    [InlineData("git cat-file -p x")]
    [InlineData("git shortlog")]
    [InlineData("git describe")]
    [InlineData("git grep x")]
    [InlineData("> docs/a")]
    [InlineData("")]
    public void What_only_reads_in_the_worktree_passes(string command) =>
        Assert.Equal("", Says(command));

    [Theory]
    [InlineData("-c")]
    [InlineData("-C")]
    [InlineData("--config-env=a=b")]
    [InlineData("--exec-path=x")]
    [InlineData("--git-dir=x")]
    [InlineData("--work-tree=x")]
    public void Before_git_s_verb_no_other_configuration_folder_or_program_is_named(
        string option
    ) =>
        Assert.Equal(
            $"git is not run with {option} by an agent.",
            Says($"git {option} status", Order with { Commands = ["git"] })
        );

    [Theory]
    [InlineData("--upload-pack=x")]
    [InlineData("--receive-pack=x")]
    [InlineData("--output=docs/x")]
    [InlineData("--ext-diff")]
    [InlineData("--open-files-in-pager=x")]
    [InlineData("-Ox")]
    public void Behind_git_s_verb_nothing_is_run_or_written_by_an_option(string option)
    {
        Assert.Equal($"git is not run with {option} by an agent.", Says($"git diff {option}"));
        // The same letter means something else there.
        Assert.Equal("", Says("git show -c HEAD"));
    }

    [Fact]
    public void Git_s_configuration_is_never_the_agent_s()
    {
        var git = Order with { Commands = ["git"] };

        Assert.Equal("git's configuration is never the agent's.", Says("git config a b", git));
        Assert.Equal("", Says("git commit -m config", git));
        Assert.Equal("", Says("git --version", git));
    }

    [Theory]
    [InlineData("cp a docs/legal/b", "docs/legal/b")]
    [InlineData("cp a .git/config", ".git/config")]
    [InlineData("cp a docs/.env", "docs/.env")]
    [InlineData("cp --target-directory=.git a", ".git")]
    public void A_command_that_may_write_does_not_name_what_is_protected(
        string command,
        string path
    )
    {
        var says = Says(command, Order with { Commands = ["cp"] });

        Assert.Contains(path, says, StringComparison.Ordinal);
        Assert.Equal("", Says("cp a docs/b", Order with { Commands = ["cp"] }));
        // Reading it is something else.
        Assert.Equal("", Says("cat docs/legal/b"));
    }

    [Theory]
    [InlineData("cd docs; cat ../a", "")]
    [InlineData("cd docs; cat ../../a", "../../a is not in the worktree.")]
    [InlineData("cd /srv/run; cat ../../etc/x", "../../etc/x is not in the worktree.")]
    [InlineData("cd; cat a", "'cd' needs one folder of the worktree.")]
    [InlineData("cd docs && echo x > a", "")]
    [InlineData("cd docs && echo x > legal/a", "legal")]
    public void A_path_is_judged_from_the_folder_that_the_line_has_entered(
        string command,
        string says
    )
    {
        var denial = Says(command);

        Assert.Equal(says.Length == 0, denial.Length == 0);
        Assert.Contains(says, denial, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cat 'x", "has a quote without its end")]
    [InlineData("cat \"x", "has a quote without its end")]
    [InlineData("cat $x", "holds a variable or a substitution")]
    [InlineData("cat \"$x\"", "holds a variable or a substitution")]
    [InlineData("cat `x`", "holds a substitution")]
    [InlineData("cat \"`x`\"", "holds a variable or a substitution")]
    [InlineData("(cat x)", "holds a subshell")]
    [InlineData("cat {a,b}", "holds an expansion of braces")]
    [InlineData("cat {1..3}", "holds an expansion of braces")]
    [InlineData("cat x\\", "ends with a backslash")]
    [InlineData("cat <<E", "holds a document or a substitution")]
    [InlineData("cat <(x)", "holds a document or a substitution")]
    [InlineData("cat >(x)", "holds a substitution")]
    [InlineData("cat x >", "redirects to nothing")]
    [InlineData("cat x > | y", "redirects to nothing")]
    [InlineData("cat a\0b", "holds a NUL")]
    public void What_a_line_does_that_cannot_be_told_before_is_said(
        string command,
        string problem
    ) =>
        Assert.Equal(
            $"The command {problem}, so that what it does cannot be told before.",
            Says(command)
        );

    [Theory]
    [InlineData("cat {} HEAD@{1} a{b", "cat|{}|HEAD@{1}|a{b")]
    [InlineData("cat 'a b'\"c d\"e", "cat|a bc de")]
    [InlineData("cat \"a\\\"b\\\\c\\$d\\`e\\f\"", "cat|a\"b\\c$d`e\\f")]
    [InlineData("cat a\\ b\\\nc", "cat|a bc")]
    [InlineData("cat '' \"\"", "cat||")]
    [InlineData("cat\ta\r", "cat|a")]
    [InlineData("cat a; ls & wc | nl\nrev", "cat|a;ls;wc;nl;rev")]
    [InlineData("cat a && ls || wc", "cat|a;ls;wc")]
    [InlineData("cat a > b < c >> d >| e &> f &>> g <> h >& i", "cat|a >b <c >d >e >f >g >h >i")]
    [InlineData("cat a 2>b 2>&1 >&- x2>c", "cat|a|x2 >b >c")]
    public void A_plain_line_is_read_as_a_shell_reads_it(string text, string expected)
    {
        var commands = ShellLine.Read(text, out var problem);

        Assert.Equal("", problem);
        Assert.Equal(
            expected,
            string.Join(
                ';',
                commands!.Select(c =>
                    string.Join('|', c.Words)
                    + string.Concat(c.Targets.Select(t => $" {(t.Writes ? '>' : '<')}{t.Path}"))
                )
            )
        );
    }

    [Fact]
    public void A_line_is_read_up_to_64_Ki_characters_and_a_thousand_words()
    {
        Assert.NotNull(ShellLine.Read(new string('x', 65_536), out _));
        Assert.Null(ShellLine.Read(new string('x', 65_537), out var longer));
        Assert.Equal("is longer than 65536 characters", longer);
        Assert.NotNull(ShellLine.Read(string.Join(' ', Enumerable.Repeat("x", 1_000)), out _));
        Assert.Null(ShellLine.Read(string.Join(' ', Enumerable.Repeat("x", 1_001)), out var more));
        Assert.Equal("has more than 1000 words", more);
    }

    [Theory]
    [InlineData("Fetch", """{"file_path":"docs/a"}""", "Fetch is no tool of lane docs.")]
    [InlineData("Write", "{}", "The call names no file.")]
    [InlineData("Bash", "{}", "The command cannot be read.")]
    [InlineData("Other", "{}", "")]
    [InlineData("Other", """{"file_path":"docs/a"}""", "")]
    [InlineData(
        "Other",
        """{"notebook_path":"src/a"}""",
        "src/a is not among the paths of lane docs"
    )]
    [InlineData("Write", """{"file_path":"../a"}""", "../a is not in the worktree.")]
    [InlineData("Write", """{"file_path":".git/a"}""", ".git/a is never the agent's to change.")]
    [InlineData(
        "Read",
        """{"file_path":7}""",
        "The call cannot be read, and what cannot be read is denied."
    )]
    [InlineData("Grep", """{"pattern":"../../x","path":"docs"}""", "")]
    [InlineData("Grep", """{"pattern":"x","path":"/etc"}""", "/etc is not in the worktree.")]
    [InlineData("Glob", """{"pattern":"/srv/wt/docs/*"}""", "")]
    [InlineData("Glob", """{"pattern":"/srv/*"}""", "/srv/ is not in the worktree.")]
    [InlineData("Glob", """{"pattern":"~/x"}""", "~/x is not in the worktree.")]
    public void A_call_is_denied_with_a_sentence_that_says_what_is_wrong_with_it(
        string tool,
        string input,
        string says
    )
    {
        var denial = ToolGuard.Judge(Order, Call(tool, JsonNode.Parse(input)!), p => p).Denial;

        Assert.Equal(says.Length == 0, denial.Length == 0);
        Assert.StartsWith(says, denial, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_longer_than_32_MiB_is_not_read()
    {
        Assert.Equal(
            "The call is too long to be judged.",
            ToolGuard.Judge(Order, new byte[ToolGuard.CallBytesMax + 1], p => p).Denial
        );
        Assert.Equal(
            "The call cannot be read, and what cannot be read is denied.",
            ToolGuard.Judge(Order, new byte[ToolGuard.CallBytesMax], p => p).Denial
        );
        Assert.Equal(
            "The call is none that this guard knows.",
            ToolGuard.Judge(Order, "{}"u8.ToArray(), p => p).Denial
        );
    }

    private static byte[] Call(string tool, JsonNode input) =>
        Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["hook_event_name"] = "PreToolUse",
                ["cwd"] = Order.Worktree,
                ["tool_name"] = tool,
                ["tool_input"] = input,
            }.ToJsonString()
        );

    private static string Says(string command, GuardOrder? order = null) =>
        ToolGuard
            .Judge(order ?? Order, Call("Bash", new JsonObject { ["command"] = command }), p => p)
            .Denial;
}
