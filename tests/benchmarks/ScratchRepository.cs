using System.Diagnostics;

namespace Orchestrator.Benchmarks;

/// <summary>A small git repository that is deleted at the end.</summary>
internal sealed class ScratchRepository : IDisposable
{
    private readonly ScratchFolder folder = new();

    private ScratchRepository() { }

    public string Folder => folder.Path;

    public static async Task<ScratchRepository> CreateAsync()
    {
        var repository = new ScratchRepository();
        await File.WriteAllTextAsync(Path.Combine(repository.Folder, "greet.sh"), "echo hello\n");
        await repository.GitAsync("init", "-q");
        await repository.GitAsync("add", "-A");
        await repository.GitAsync(
            "-c",
            "user.name=bench",
            "-c",
            "user.email=bench@localhost",
            "commit",
            "-q",
            "-m",
            "A greeting"
        );
        return repository;
    }

    public void Dispose() => folder.Dispose();

    private async Task GitAsync(params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("git", arguments) { WorkingDirectory = Folder }
        )!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"git {arguments[0]} ended with {process.ExitCode}."
            );
        }
    }
}
