using Orchestrator.Decisions.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

/// <summary>What git says becomes one line without empty pieces, whole up to a thousand characters.</summary>
public sealed class RemoteGitWordsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\n \r\n", "")]
    [InlineData("a\n\n \r\n b \n", "a b")]
    [InlineData("remote:\nremote: \nremote: no\n\n", "no")]
    [InlineData("fatal: x\nremote: no\nremote: never", "no never fatal: x")]
    [InlineData("To https://h/o/n\nhint: see\nToo late", "Too late")]
    public void What_git_says_is_one_line_the_remotes_words_first(string said, string words) =>
        Assert.Equal(words, RemoteGitText.Words(said));

    [Theory]
    [InlineData(999)]
    [InlineData(1_000)]
    public void A_thousand_characters_stay_whole(int length)
    {
        var said = new string('x', length);

        Assert.Equal(said, RemoteGitText.Words(said));
    }
}
