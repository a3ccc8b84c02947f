using System.Text;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Silo.Runners;
using Xunit;

namespace Orchestrator.SystemTests.Runners;

/// <summary>An agent's session, kept and put back.</summary>
public sealed class SessionArchiveTests
{
    private const string Session = "{\"n\":1}\n{\"n\":2}\n";
    private readonly string folder = SiloProcess.NewFolder();
    private readonly MemoryBlobs store = new();
    private readonly SessionArchive archive;

    public SessionArchiveTests()
    {
        archive = new SessionArchive(
            new PatientBlobs(store, new FakeTimeProvider()),
            new Redactor(["opensesame-1234"])
        );
    }

    [Fact]
    public async Task A_session_is_kept_up_to_its_last_whole_line_and_put_back_as_it_was()
    {
        var kept = await KeepAsync(Session + "{\"n\":");

        await archive.RestoreAsync(kept, Elsewhere, default);

        Assert.Equal(Session, await File.ReadAllTextAsync(Elsewhere));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(Elsewhere)
            );
        }
        Assert.Equal([Elsewhere], Directory.GetFiles(Path.GetDirectoryName(Elsewhere)!));
    }

    [Fact]
    public async Task The_same_session_is_the_same_blob() =>
        Assert.Equal(await KeepAsync(Session), await KeepAsync(Session));

    [Theory]
    [InlineData(Session + "{\"n\":3}\n", Session + "{\"n\":3}\n")] // went on here
    [InlineData("{\"n\":1}\n", Session)] // went on elsewhere
    [InlineData("{\"n\":1}\n{\"n\":9}\n{\"n\":9}\n", Session)] // another end of it, given up
    [InlineData("", Session)]
    public async Task What_lies_there_stays_only_when_the_kept_one_is_its_beginning(
        string there,
        string expected
    )
    {
        var kept = await KeepAsync(Session);
        Directory.CreateDirectory(Path.GetDirectoryName(Elsewhere)!);
        await File.WriteAllTextAsync(Elsewhere, there);

        await archive.RestoreAsync(kept, Elsewhere, default);

        Assert.Equal(expected, await File.ReadAllTextAsync(Elsewhere));
    }

    [Theory]
    [InlineData("{\"text\":\"the word is opensesame-1234\"}\n")]
    [InlineData("{\"text\":\"ghp_abcdefghijklmnopqrstuvwxyz0123456789\"}\n")]
    [InlineData("no whole line")]
    [InlineData("")]
    public async Task What_holds_a_secret_or_nothing_is_not_kept(string session) =>
        Assert.Equal("", await KeepAsync(session));

    [Fact]
    public async Task What_is_missing_or_too_large_is_not_kept()
    {
        var file = Path.Combine(folder, "large.jsonl");
        await using (var large = File.Create(file))
        {
            large.SetLength(SessionArchive.SizeBytesMax + 1);
        }

        Assert.Equal("", await archive.KeepAsync(file, default));
        Assert.Equal("", await archive.KeepAsync(Path.Combine(folder, "none"), default));
        Assert.Equal("", await archive.KeepAsync("", default));
    }

    [Fact]
    public async Task A_blob_that_the_store_has_not_leaves_everything_as_it_is()
    {
        await archive.RestoreAsync(new string('0', 64), Elsewhere, default);

        Assert.False(File.Exists(Elsewhere));
    }

    private string Elsewhere => Path.Combine(folder, "projects", "-wt", "session.jsonl");

    private async Task<string> KeepAsync(string session)
    {
        var file = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        await File.WriteAllBytesAsync(file, Encoding.UTF8.GetBytes(session));
        return await archive.KeepAsync(file, default);
    }
}
