using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace Orchestrator.SystemTests.Client;

/// <summary>The client's package as <c>dotnet pack</c> makes it, in a folder that serves as a feed, and strangers' projects that use it.</summary>
public sealed class ClientPackage : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(8);
    private string root = "";

    /// <summary>Where the packages lie.</summary>
    internal string Feed => Path.Combine(root, "feed");

    public async ValueTask InitializeAsync()
    {
        root = SiloProcess.NewFolder();
        var made = await DotnetAsync(
            SourceTree.File("client", "library"),
            "pack",
            "-c",
            "Release",
            "--artifacts-path",
            Path.Combine(root, "pack"),
            "-o",
            Feed
        );
        Assert.True(made.ExitCode == 0, $"dotnet pack failed: {made.Output}");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(root, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>The sample, copied out of the tree and restored from the feed alone; the framework's and Orleans' attributes come from the machine's package folder.</summary>
    internal string CopySample()
    {
        var folder = Path.Combine(root, "stranger-" + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(folder);
        foreach (var name in (string[])["Program.cs", "client.csproj"])
        {
            File.Copy(
                SourceTree.File("docs", "samples", "client", name),
                Path.Combine(folder, name)
            );
        }
        File.WriteAllText(
            Path.Combine(folder, "nuget.config"),
            $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{Feed}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="machine" value="{MachinePackages}" /></fallbackPackageFolders>
              <config><add key="globalPackagesFolder" value="{Path.Combine(
                root,
                "packages"
            )}" /></config>
            </configuration>
            """
        );
        return folder;
    }

    /// <summary>What the SDK said to a command in a folder.</summary>
    internal static async Task<(int ExitCode, string Output)> DotnetAsync(
        string folder,
        params string[] arguments
    )
    {
        var info = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The tests' own build says where packages lie and that this is a locked restore; a stranger's does not.
        info.Environment.Remove("NUGET_PACKAGES");
        info.Environment.Remove("CI");
        info.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        info.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"dotnet {string.Join(' ', arguments)} did not end within {Deadline}."
            );
        }
        return (process.ExitCode, await output + await error);
    }

    /// <summary>linux-x64 or win-x64, as this machine is.</summary>
    internal static string Runtime => RuntimeInformation.RuntimeIdentifier;

    /// <summary>True when the compiler of this runtime's version lies in the machine's package folder: the stranger's own feed has only the client.</summary>
    internal static bool HasCompiler =>
        Directory.Exists(
            Path.Combine(
                MachinePackages,
                $"runtime.{Runtime}.microsoft.dotnet.ilcompiler",
                Environment.Version.ToString(3)
            )
        );

    private static string MachinePackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            ".nuget",
            "packages"
        );
}
