using Orchestrator.Decisions.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

/// <summary>What a host has not told of a pull request is empty, and never taken for an answer.</summary>
public sealed class PullRequestViewTests
{
    [Fact]
    public void What_is_not_told_of_a_pull_request_is_empty()
    {
        var view = new PullRequestView { Number = 7, WebAddress = "https://x/7" };

        Assert.Equal((7, "https://x/7"), (view.Number, view.WebAddress));
        Assert.Equal("", view.MergeCommit);
        Assert.Equal("", view.EndedBy);
        Assert.Equal("", view.Branch);
        Assert.Equal("", view.Head);
        Assert.Equal("", view.Base);
        Assert.Equal("", view.BaseHead);
        Assert.Equal("", view.MergeState);
        Assert.False(view.Open || view.Merged || view.IsDraft);
        // Not known is another thing than a conflict.
        Assert.Null(view.Mergeable);
        Assert.Equal((0, 0, DateTimeOffset.MinValue), (view.Lines, view.Files, view.UpdatedAt));
        Assert.Empty(view.Checks);
        Assert.Empty(view.RequiredChecks);
        Assert.Empty(view.Remarks);
    }

    [Fact]
    public void What_is_not_told_of_a_remark_is_empty_and_its_author_not_trusted()
    {
        var remark = new PullRequestRemark { Id = "line:2", By = "ann" };

        Assert.Equal(("line:2", "ann"), (remark.Id, remark.By));
        Assert.Equal("", remark.Verdict);
        Assert.Equal("", remark.Text);
        Assert.Equal("", remark.Path);
        Assert.Equal("", remark.Head);
        Assert.Equal("", remark.WebAddress);
        Assert.Equal((0, DateTimeOffset.MinValue), (remark.Line, remark.At));
        Assert.False(remark.Own || remark.Trusted);
    }
}
