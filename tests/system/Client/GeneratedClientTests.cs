using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Orchestrator.SystemTests.Client;

/// <summary>A TypeScript client that is generated from the OpenAPI document in the tree, type-checked, and run against a silo.</summary>
public sealed class GeneratedClientTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task It_compiles_and_submits_watches_gets_and_reads_refusals()
    {
        var tools = SourceTree.File("tests", "tools");
        // Below node_modules, so that Node finds the generator's small runtime.
        var folder = Path.Combine(
            tools,
            "node_modules",
            ".typescript-" + Guid.NewGuid().ToString("N")
        );
        Directory.CreateDirectory(folder);
        try
        {
            foreach (var file in Directory.GetFiles(Path.Combine(tools, "typescript")))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }
            await File.WriteAllTextAsync(
                Path.Combine(folder, "package.json"),
                """{"type":"module"}"""
            );
            var repository = Path.Combine(SiloProcess.NewFolder(), "repository");
            Directory.CreateDirectory(repository);
            await Git.RunAsync(repository, "init", "-q");
            await Git.RunAsync(repository, "commit", "-q", "--allow-empty", "-m", "a");

            await NodeAsync(
                folder,
                "../openapi-typescript/bin/cli.js",
                SourceTree.File("schemas", "openapi.json"),
                "-o",
                "api.ts"
            );
            await NodeAsync(folder, "../typescript/bin/tsc", "-p", ".");
            var said = await NodeAsync(
                folder,
                "smoke.js",
                shared.Discovery.Address.ToString().TrimEnd('/'),
                shared.Discovery.Token,
                repository
            );

            using var seen = JsonDocument.Parse(said);
            var answer = seen.RootElement;
            Assert.StartsWith(
                "task_",
                answer.GetProperty("id").GetString(),
                StringComparison.Ordinal
            );
            Assert.Equal(
                answer.GetProperty("id").GetString(),
                answer.GetProperty("got").GetString()
            );
            Assert.True(answer.GetProperty("streamed").GetBoolean());
            Assert.Equal("not_found", answer.GetProperty("missing").GetString());
            Assert.Equal(401, answer.GetProperty("stranger").GetInt32());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> NodeAsync(string folder, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("node", arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Deadline);
        Assert.True(
            process.ExitCode == 0,
            $"node {arguments[0]} ended with {process.ExitCode}: {await output}{await error}"
        );
        return await output;
    }
}
