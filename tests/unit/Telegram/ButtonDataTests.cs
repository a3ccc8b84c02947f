using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>What buttons carry: sent messages keep it for years, so its words may not change.</summary>
public sealed class ButtonDataTests
{
    private static readonly ButtonData Unknown = new(ButtonAct.Unknown, "", "");

    [Theory]
    [InlineData(ButtonAct.Approve, "ok:0123456789ab:task_1")]
    [InlineData(ButtonAct.Reject, "no:0123456789ab:task_1")]
    [InlineData(ButtonAct.Diff, "df:0123456789ab:task_1")]
    [InlineData(ButtonAct.Retry, "rt:0123456789ab:task_1")]
    [InlineData(ButtonAct.Cancel, "cx:0123456789ab:task_1")]
    [InlineData(ButtonAct.More, "mo:0123456789ab:task_1")]
    [InlineData(ButtonAct.Go, "go:0123456789ab:task_1")]
    [InlineData(ButtonAct.Forget, "fo:0123456789ab:task_1")]
    public void Every_act_has_a_word_of_its_own(ButtonAct act, string data)
    {
        Assert.Equal(data, ButtonData.Write(act, "0123456789abcdef", "task_1"));
        Assert.Equal(new ButtonData(act, "0123456789ab", "task_1"), ButtonData.Read(data));
    }

    [Fact]
    public void A_button_that_does_nothing_is_not_made() =>
        Assert.Throws<InvalidOperationException>(() =>
            ButtonData.Write(ButtonAct.Unknown, "", "task_1")
        );

    [Theory]
    [InlineData(60, 60)]
    [InlineData(61, 0)]
    public void The_subject_stands_in_the_data_up_to_its_last_byte(int length, int kept)
    {
        var data = ButtonData.Write(ButtonAct.More, "", new string('x', length));

        Assert.Equal("mo::" + new string('x', kept), data);
        Assert.Equal(
            new ButtonData(ButtonAct.More, "", new string('x', kept)),
            ButtonData.Read(data)
        );
    }

    [Fact]
    public void The_subject_is_measured_in_bytes() =>
        Assert.Equal("mo::", ButtonData.Write(ButtonAct.More, "", new string('ü', 31)));

    [Theory]
    [InlineData("")]
    [InlineData("ok")]
    [InlineData("ok:")]
    [InlineData("ok:::")]
    [InlineData("ok:0123456789ab:task_1:x")]
    [InlineData("ok:0123456789a:task_1")]
    [InlineData("ok:0123456789abc:task_1")]
    [InlineData("ok:0123456789aB:task_1")]
    [InlineData("ok:0123456789ag:task_1")]
    [InlineData("ok:0123456789ab:../x")]
    [InlineData("ok::a b")]
    [InlineData("ok:0123456789ab:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    public void What_has_not_the_form_of_our_data_means_nothing(string data) =>
        Assert.Equal(Unknown, ButtonData.Read(data));

    [Fact]
    public void An_act_of_another_version_is_unknown_and_still_about_its_task() =>
        Assert.Equal(
            new ButtonData(ButtonAct.Unknown, "", "task_1"),
            ButtonData.Read("zz::task_1")
        );
}
