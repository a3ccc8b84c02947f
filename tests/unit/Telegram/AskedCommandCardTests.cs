using Orchestrator.Decisions.Runners;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>A chat's question about a command: whole, and with buttons that name this question.</summary>
public sealed class AskedCommandCardTests
{
    [Theory]
    [InlineData("en", "asks whether its agent may run this command, and only this:\n")]
    [InlineData("de", "fragt, ob sein Agent diesen Befehl ausführen darf, und nur diesen:\n")]
    public void The_command_stands_in_the_question_and_its_hash_in_the_buttons(
        string language,
        string words
    )
    {
        var asked = AskedSituations.Asking;

        var card = ChatCards.Asked("task_1", asked, language)!;

        Assert.Contains(words + "git push origin main\n", card.Text, StringComparison.Ordinal);
        Assert.Equal(asked.ApprovalHash[..12], ButtonData.Read(card.Buttons[0][0].Data).Hash);
        Assert.Equal(asked.ApprovalHash[..12], ButtonData.Read(card.Buttons[0][1].Data).Hash);
    }

    [Fact]
    public void The_longest_command_that_is_asked_about_is_shown_whole()
    {
        foreach (var part in (string[])["x", " /ab", "/", "\u001b"])
        {
            var command = "git push ";
            while (CommandText.Shown(command + part).Length <= CommandText.ShownMax)
            {
                command += part;
            }
            var shown = CommandText.Shown(command);
            var asked = AskedSituations.Ask(
                TaskSituations.Running,
                new AskedCommand(shown, new string('f', CommandText.FolderShownMax), "h")
            );

            var text = ChatCards.Asked("task_1", asked, "en")!.Text;

            Assert.Contains(
                shown.Trim(),
                text.Replace("\u2060", "", StringComparison.Ordinal),
                StringComparison.Ordinal
            );
            Assert.InRange(text.Length, 1, 4_096);
        }
    }
}
