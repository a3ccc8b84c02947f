using Orchestrator.Decisions.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>A task's id is the name of files, on every system.</summary>
public sealed class TaskIdTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("Task-1.retry_2")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("console")]
    [InlineData("COM10")]
    [InlineData("index-1")]
    [InlineData(".hidden")]
    public void What_names_a_file_everywhere_is_an_id(string id) =>
        Assert.True(SubmissionReader.IsId(id));

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a:b")]
    [InlineData("ä")]
    [InlineData("con")]
    [InlineData("NUL.txt")]
    [InlineData("Lpt9")]
    [InlineData("com1.log")]
    [InlineData("index")]
    [InlineData("INDEX")]
    public void What_another_system_or_the_product_itself_reads_otherwise_is_none(string id) =>
        Assert.False(SubmissionReader.IsId(id));
}
