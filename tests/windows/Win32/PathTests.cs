using System.Runtime.Versioning;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Runners;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Intake;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Storage;
using Xunit;

namespace Orchestrator.WindowsTests.Win32;

/// <summary>What paths and names mean on Windows.</summary>
[SupportedOSPlatform("windows")]
public sealed class PathTests : WindowsTest
{
    [Theory]
    [InlineData("CON")]
    [InlineData("nul")]
    [InlineData("nul.txt")]
    [InlineData("aux")]
    [InlineData("prn.a.b")]
    [InlineData("COM1.md")]
    [InlineData("lpt9")]
    [InlineData("name.")]
    [InlineData("name ")]
    [InlineData("a:b")]
    [InlineData("a?b")]
    [InlineData("a|b")]
    [InlineData(@"a\b")]
    [InlineData("..")]
    public void An_id_that_is_no_plain_file_name_here_is_refused(string id) =>
        Assert.False(SubmissionReader.IsId(id));

    [Theory]
    [InlineData(@"C:\\other\\file")]
    [InlineData("C:file")]
    [InlineData("a:stream")]
    [InlineData(@"..\\file")]
    [InlineData(@"a\\..\\..\\file")]
    [InlineData(@"\\file")]
    public void A_script_writes_nowhere_but_below_its_folder(string path)
    {
        var script = AgentScript.Read(
            $$"""{"version":1,"steps":[{"do":"write","path":"{{path}}","text":"x"}]}""",
            out var problem
        );

        Assert.Null(script);
        Assert.Contains("not below the working directory", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_data_directory_is_held_by_one_silo_however_its_name_is_written()
    {
        var data = Path.Combine(Folder, "Data");
        using (await DataDirectory.TakeAsync(data, "silo.json"))
        {
            var refused = await Assert.ThrowsAsync<StorageException>(() =>
                DataDirectory.TakeAsync(data.ToUpperInvariant(), "silo.json")
            );
            Assert.Contains("holds the data directory", refused.Message, StringComparison.Ordinal);
        }

        using var again = await DataDirectory.TakeAsync(data.ToLowerInvariant(), "silo.json");

        Assert.True(File.Exists(again.Path("silo.lock")));
    }

    [Fact]
    public void A_folder_is_inside_a_root_whatever_its_case_and_a_namesake_is_not()
    {
        var root = Directory.CreateDirectory(Path.Combine(Folder, "Root")).FullName;
        Directory.CreateDirectory(Path.Combine(root, "Repo"));
        Directory.CreateDirectory(root + "2");

        Assert.True(Directory.Exists(Path.Combine(Folder, "ROOT", "repo")));
        Assert.True(RepositoryDoor.IsWithin(root, Path.Combine(Folder, "ROOT", "repo")));
        Assert.True(RepositoryDoor.IsWithin(@"C:\", @"c:\repo"));
        Assert.False(RepositoryDoor.IsWithin(root, root + "2"));
    }

    [Theory]
    [InlineData(@"\\server\share\repo")]
    [InlineData("//server/share/repo")]
    [InlineData(@"\/server\share")]
    [InlineData(@"\\?\C:\repo")]
    [InlineData(@"\\.\pipe\x")]
    public void A_network_or_device_path_is_refused_before_it_is_looked_at(string path)
    {
        Assert.True(RepositoryDoor.RemotePath(path));
        Assert.Equal(FailureCodes.PathOutsideRoot, Found(path).Failure?.Code);
    }

    [Fact]
    public void A_written_folder_is_found_by_drive_by_slash_and_in_any_case()
    {
        var repository = Directory.CreateDirectory(Path.Combine(Folder, "Repo", ".git")).Parent!;
        Directory.CreateDirectory(Path.Combine(repository.FullName, "src"));

        Assert.Equal("src", Found(Path.Combine(repository.FullName, "src")).Found?.Below);
        Assert.Equal(
            repository.FullName,
            Found(repository.FullName.Replace('\\', '/')).Found?.Repository,
            ignoreCase: true
        );
        Assert.Equal("src", Found("/repo/src").Found?.Below);
        Assert.Equal("src", Found(@"\repo\src").Found?.Below);
        Assert.Equal("src", Found(@"repo\src").Found?.Below);
    }

    [Fact]
    public void A_folder_on_a_drive_without_its_root_is_refused()
    {
        var drive = Path.GetPathRoot(Folder)![..2];

        Assert.NotNull(Found(drive + "repo").Failure);
        Assert.NotNull(Found(drive + @"..\repo").Failure);
    }

    [Fact]
    public void A_folder_outside_the_roots_is_refused_also_by_another_drive()
    {
        Assert.NotNull(Found(Environment.SystemDirectory).Failure);
        Assert.NotNull(Found(Folder + @"\..").Failure);
        Assert.NotNull(Found(@"..\..").Failure);
    }

    [Fact]
    public async Task A_path_beyond_260_characters_is_written_read_and_removed()
    {
        var deep = Folder;
        while (deep.Length < 400)
        {
            deep = Path.Combine(deep, new string('d', 40));
        }
        var inbox = new TaskInbox(deep, TimeProvider.System);
        Directory.CreateDirectory(inbox.Folder);
        var file = Path.Combine(inbox.Folder, "one.task.md");
        await File.WriteAllTextAsync(file, "words");
        Assert.Equal(["one.task.md"], inbox.List().Select(f => f.Name));

        var archived = await inbox.ArchiveAsync(
            file,
            TaskInbox.KeyOf("words"u8),
            "one",
            true,
            CancellationToken.None
        );

        Assert.Equal("words", await File.ReadAllTextAsync(archived.To));
        await FolderRemoval.RemoveAsync(Folder, TimeProvider.System, CancellationToken.None);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task A_silo_with_a_long_data_directory_opens_its_store()
    {
        var deep = Path.Combine(Folder, new string('a', 120), new string('b', 120));
        using var data = await DataDirectory.TakeAsync(deep, "silo.json");

        using var store = new SqliteStore(data.Path("journal.db"), "journal");

        Assert.True(data.Path("journal.db").Length > 260 && File.Exists(data.Path("journal.db")));
    }

    private (FolderFound? Found, Failure? Failure) Found(string written)
    {
        var options = new WorkspaceOptions { Base = Folder };
        options.AllowedRoots.Add(Folder);
        return new TaskFolder(Options.Create(options)).Resolve(written);
    }
}
