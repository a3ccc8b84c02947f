using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>The commands, who may use each, and what follows it.</summary>
public sealed class ChatVerbTableTests
{
    [Theory]
    [InlineData("start", ChatVerb.Start, ChatRole.None, ChatArguments.Nothing)]
    [InlineData("help", ChatVerb.Help, ChatRole.Read, ChatArguments.Nothing)]
    [InlineData("task", ChatVerb.Task, ChatRole.Submit, ChatArguments.Text)]
    [InlineData("reply", ChatVerb.Reply, ChatRole.Submit, ChatArguments.TaskAndText)]
    [InlineData("fork", ChatVerb.Fork, ChatRole.Submit, ChatArguments.TaskAndText)]
    [InlineData("status", ChatVerb.Status, ChatRole.Read, ChatArguments.Nothing)]
    [InlineData("progress", ChatVerb.Progress, ChatRole.Read, ChatArguments.Task)]
    [InlineData("list", ChatVerb.List, ChatRole.Read, ChatArguments.Options)]
    [InlineData("show", ChatVerb.Show, ChatRole.Read, ChatArguments.Task)]
    [InlineData("diff", ChatVerb.Diff, ChatRole.Read, ChatArguments.Task)]
    [InlineData("cancel", ChatVerb.Cancel, ChatRole.Submit, ChatArguments.Task)]
    [InlineData("retry", ChatVerb.Retry, ChatRole.Submit, ChatArguments.Task)]
    [InlineData("approve", ChatVerb.Approve, ChatRole.Operate, ChatArguments.Task)]
    [InlineData("reject", ChatVerb.Reject, ChatRole.Operate, ChatArguments.TaskAndText)]
    [InlineData("documentation", ChatVerb.Documentation, ChatRole.Submit, ChatArguments.Text)]
    [InlineData("code_review", ChatVerb.CodeReview, ChatRole.Submit, ChatArguments.Text)]
    [InlineData("bug_fix", ChatVerb.BugFix, ChatRole.Submit, ChatArguments.Text)]
    [InlineData("analyze", ChatVerb.Analyze, ChatRole.Submit, ChatArguments.Text)]
    [InlineData("commit", ChatVerb.Commit, ChatRole.Operate, ChatArguments.Task)]
    [InlineData("commit_all", ChatVerb.CommitAll, ChatRole.Operate, ChatArguments.Task)]
    [InlineData("git_status", ChatVerb.GitStatus, ChatRole.Read, ChatArguments.Task)]
    [InlineData("hosts", ChatVerb.Hosts, ChatRole.Read, ChatArguments.Nothing)]
    [InlineData("estop", ChatVerb.Estop, ChatRole.Operate, ChatArguments.Options)]
    [InlineData("language", ChatVerb.Language, ChatRole.Read, ChatArguments.Options)]
    public void A_command_is_found_by_its_name_and_asks_for_its_role(
        string name,
        ChatVerb verb,
        ChatRole role,
        ChatArguments takes
    )
    {
        Assert.Equal(new ChatCommand(verb, name, role, takes), ChatVerbs.Find(name));
        Assert.Equal(role, ChatVerbs.RoleOf(verb));
    }

    [Fact]
    public void Each_verb_that_is_typed_has_exactly_one_command() =>
        Assert.Equal(
            Enum.GetValues<ChatVerb>()
                .Except([ChatVerb.Plain, ChatVerb.Unknown, ChatVerb.Nothing])
                .Order(),
            ChatVerbs.All.Select(c => c.Verb).Order()
        );

    [Theory]
    [InlineData(ChatVerb.Plain, ChatRole.Submit)]
    [InlineData(ChatVerb.Unknown, ChatRole.Read)]
    [InlineData(ChatVerb.Nothing, ChatRole.Read)]
    public void What_is_typed_without_a_command_of_ours_has_none_and_asks_for_a_role_too(
        ChatVerb verb,
        ChatRole role
    )
    {
        Assert.Null(ChatVerbs.Of(verb));
        Assert.Equal(role, ChatVerbs.RoleOf(verb));
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("")]
    [InlineData("tasks")]
    public void A_name_of_no_command_finds_none(string name) => Assert.Null(ChatVerbs.Find(name));

    [Theory]
    [InlineData(ChatVerb.Estop, false, false)]
    [InlineData(ChatVerb.Help, false, false)]
    [InlineData(ChatVerb.Show, true, false)]
    [InlineData(ChatVerb.Task, false, true)]
    [InlineData(ChatVerb.Reply, true, true)]
    public void What_follows_a_command_says_whether_it_takes_a_task_and_words(
        ChatVerb verb,
        bool task,
        bool text
    )
    {
        var command = ChatVerbs.Of(verb)!;
        Assert.Equal((task, text), (command.TakesTask, command.TakesText));
    }
}
