using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Silo.Artifacts;
using Xunit;

namespace Orchestrator.SystemTests.Artifacts;

/// <summary>The index of the exported artifacts.</summary>
public sealed class ArtifactIndexTests : IDisposable
{
    private readonly string file = Path.Combine(SiloProcess.NewFolder(), "results", "index.json");
    private readonly FakeTimeProvider time = new();
    private readonly ArtifactIndex index;

    public ArtifactIndexTests() => index = new ArtifactIndex(file, time);

    public void Dispose() => index.Dispose();

    [Fact]
    public async Task What_was_noted_stands_in_the_file_and_what_others_wrote_stays()
    {
        index.Note("a", "results/a.json");
        await index.WriteAsync(default);
        await File.WriteAllTextAsync(file, """{"by-hand":"results/h.json","a":"results/a.json"}""");
        index.Note("b", "results/b.json");
        await index.WriteAsync(default);

        Assert.Equal(["a", "b", "by-hand"], Keys());
        await File.WriteAllTextAsync(file, "no json at all");
        index.Note("c", "results/c.json");
        await index.WriteAsync(default);
        Assert.Equal(["c"], Keys());
    }

    [Fact]
    public async Task Many_at_once_share_writes_and_each_finds_its_own_when_it_is_answered()
    {
        using var watcher = new FileSystemWatcher(
            Directory.CreateDirectory(Path.GetDirectoryName(file)!).FullName,
            "index.json"
        );
        var writes = 0;
        watcher.Renamed += (_, _) => Interlocked.Increment(ref writes);
        watcher.EnableRaisingEvents = true;
        await Task.WhenAll(
            Enumerable
                .Range(0, 500)
                .Select(n =>
                    Task.Run(async () =>
                    {
                        index.Note("t" + n, $"results/t{n}.json");
                        await index.WriteAsync(default);
                        Assert.Contains(
                            $"\"t{n}\"",
                            await File.ReadAllTextAsync(file),
                            StringComparison.Ordinal
                        );
                    })
                )
        );

        Assert.Equal(500, Keys().Length);
        Assert.InRange(Volatile.Read(ref writes), 0, 400);
    }

    [Fact]
    public async Task What_could_not_be_written_is_written_with_the_next()
    {
        Directory.CreateDirectory(file); // a folder lies in its place
        index.Note("a", "results/a.json");
        await Assert.ThrowsAnyAsync<Exception>(() => index.WriteAsync(default));
        Directory.Delete(file);

        await index.WriteAsync(default);

        Assert.Equal(["a"], Keys());
    }

    [Fact]
    public async Task What_goes_is_taken_out_and_an_absent_file_stays_absent()
    {
        await index.RemoveAsync((_, _) => true, default);
        Assert.False(File.Exists(file));
        index.Note("a", "results/a.json");
        index.Note("b", "results/b.json");
        await index.WriteAsync(default);

        await index.RemoveAsync((id, path) => id == "a" && path == "results/a.json", default);

        Assert.Equal(["b"], Keys());
    }

    private string[] Keys() =>
        [
            .. JsonNode
                .Parse(File.ReadAllText(file))!
                .AsObject()
                .Select(e => e.Key)
                .Order(StringComparer.Ordinal),
        ];
}
