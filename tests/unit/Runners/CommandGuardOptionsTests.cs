using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>A program that only reads, led elsewhere by the way its options can be written.</summary>
public sealed class CommandGuardOptionsTests
{
    private const string NoFolder = "'cd' needs one folder of the worktree.";

    private static readonly GuardOrder Order = new()
    {
        Worktree = Path.GetFullPath("/srv/wt"),
        Readable = [],
        Lane = "docs",
        Writes = true,
        Paths = ["docs/**"],
        Protected = [],
        Tools = ["Bash"],
        Commands = ["make"],
        Asks = [],
        Granted = [],
    };

    [Theory]
    [InlineData("cd && grep -r KEY")]
    [InlineData("cd -- && cat .ssh/id_rsa")]
    [InlineData("cd -P && cat .ssh/id_rsa")]
    [InlineData("cd -LP -- && ls -la")]
    [InlineData("cd - && find")]
    [InlineData("cd '' && ls")]
    [InlineData("cd docs src && ls")]
    [InlineData("cd -- -x && ls")]
    public void A_change_to_no_named_folder_is_denied_for_it_leads_home(string line) =>
        Assert.Equal(NoFolder, Says(line));

    [Theory]
    [InlineData("cd docs && cat a")]
    [InlineData("cd -P docs && cat ../README.md")]
    [InlineData("cd -L -P -- docs && ls")]
    public void A_change_to_a_folder_of_the_worktree_passes(string line) =>
        Assert.Equal("", Says(line));

    [Fact]
    public void What_follows_a_change_is_judged_from_there() =>
        Assert.Equal("../../x is not in the worktree.", Says("cd -P -- docs && cat ../../x"));

    [Theory]
    [InlineData("grep -ex /etc/shadow")]
    [InlineData("grep -nex /etc/shadow")]
    [InlineData("grep -e x /etc/shadow")]
    [InlineData("grep -ne x /etc/shadow")]
    [InlineData("grep /etc/shadow -e x")]
    [InlineData("grep -e -- /etc/shadow")]
    [InlineData("grep --regexp=x /etc/shadow")]
    [InlineData("grep --reg=x /etc/shadow")]
    [InlineData("grep --regexp x /etc/shadow")]
    [InlineData("grep -f docs/list /etc/shadow")]
    [InlineData("grep -flist /etc/shadow")]
    [InlineData("grep --file=docs/list /etc/shadow")]
    [InlineData("grep --fil docs/list /etc/shadow")]
    [InlineData("grep -f /etc/shadow docs/a")]
    [InlineData("grep -- x /etc/shadow")]
    [InlineData("egrep -ex /etc/shadow")]
    [InlineData("fgrep -ex /etc/shadow")]
    [InlineData("rg -ex /etc/shadow")]
    [InlineData("rg -ge -e x /etc/shadow")]
    [InlineData("rg -re x /etc/shadow")]
    [InlineData("rg --files /etc/shadow")]
    [InlineData("jq -f /etc/shadow docs/a")]
    [InlineData("jq -rf /etc/shadow docs/a")]
    [InlineData("jq --from-file /etc/shadow docs/a")]
    public void A_search_that_is_told_its_pattern_by_an_option_takes_each_plain_word_for_a_file(
        string line
    ) => Assert.Equal("/etc/shadow is not in the worktree.", Says(line));

    [Theory]
    [InlineData("date -f/etc/passwd")]
    [InlineData("file -f/etc/passwd")]
    [InlineData("file -bf/etc/passwd")]
    [InlineData("grep -f/etc/passwd docs/a")]
    [InlineData("grep -nf/etc/passwd docs/a")]
    [InlineData("git grep -f/etc/passwd")]
    [InlineData("sort -T/etc/passwd docs/a")]
    public void A_file_that_is_glued_to_its_option_is_looked_at(string line) =>
        Assert.Equal("/etc/passwd is not in the worktree.", Says(line));

    [Theory]
    [InlineData("cat /etc/a=b", "/etc/a=b is not in the worktree.")]
    [InlineData("file -f../../x", "../../x is not in the worktree.")]
    [InlineData("file -f~/x", "~/x is not in the worktree.")]
    public void A_path_is_seen_whatever_stands_in_it(string line, string denial) =>
        Assert.Equal(denial, Says(line));

    [Theory]
    [InlineData("sort --out=docs/a b")]
    [InlineData("sort --o docs/a b")]
    [InlineData("sort --compress=x b")]
    [InlineData("date --se=tomorrow")]
    [InlineData("date -us tomorrow")]
    [InlineData("file --compile -m a")]
    [InlineData("file --comp -m a")]
    [InlineData("file -zC -m a")]
    [InlineData("tree -ao docs/a")]
    public void An_option_that_writes_or_runs_is_known_shortened_and_behind_others(string line) =>
        Assert.Equal($"'{line.Split(' ')[0]}' is no command of lane docs.", Says(line));

    [Theory]
    [InlineData("git grep --open=less x", "--open=less")]
    [InlineData("git grep -nOless x", "-nOless")]
    [InlineData("git diff --outp=docs/x", "--outp=docs/x")]
    [InlineData("git log --ext", "--ext")]
    public void Git_s_options_are_known_shortened_and_behind_others(string line, string option) =>
        Assert.Equal($"git is not run with {option} by an agent.", Says(line));

    [Theory]
    [InlineData("grep -rn -e /api/ docs")]
    [InlineData("grep -rne/api/ docs")]
    [InlineData("grep --regexp /api/ docs")]
    [InlineData("grep --regexp=/api/ docs")]
    [InlineData("grep -rn -- /api/ docs")]
    [InlineData("grep -A 3 x docs")]
    [InlineData("grep --files-with-matches /api/ docs")]
    [InlineData("rg -g'/src/*' x")]
    [InlineData("cut -d/ -f1 docs/a")]
    [InlineData("sort -t/ -k2 docs/a")]
    [InlineData("paste -d/ docs/a docs/b")]
    [InlineData("date -d2026/11/30")]
    [InlineData("date -Iseconds")]
    [InlineData("date -dyesterday")]
    [InlineData("git log -S/api/")]
    [InlineData("git log -GOnce")]
    [InlineData("git log --oneline")]
    [InlineData("find docs -name x -newer docs/a")]
    [InlineData("head -n5 docs/a")]
    [InlineData("jq -r .a docs/a")]
    [InlineData("echo -e /x -f/y")]
    [InlineData("make -C/opt/x")]
    public void What_is_no_file_passes(string line) => Assert.Equal("", Says(line));

    private static string Says(string line) =>
        ToolGuard
            .Judge(
                Order,
                Encoding.UTF8.GetBytes(
                    new JsonObject
                    {
                        ["hook_event_name"] = "PreToolUse",
                        ["tool_name"] = "Bash",
                        ["cwd"] = Order.Worktree,
                        ["tool_input"] = new JsonObject { ["command"] = line },
                    }.ToJsonString()
                ),
                path => path
            )
            .Denial;
}
