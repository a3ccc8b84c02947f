using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.Loader;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Client;

/// <summary>The packed client, as a project outside this tree gets it.</summary>
[Collection(ClientAssemblyTests.Name)]
public sealed class ClientPackageTests(ClientPackage package, SharedSilo shared)
    : IClassFixture<ClientPackage>,
        IClassFixture<SharedSilo>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public void It_holds_one_assembly_with_its_docs_a_readme_and_a_licence_and_symbols_beside_it()
    {
        Assert.Equal(
            [
                "LICENSE.txt",
                "README.md",
                "lib/net10.0/Orchestrator.Client.dll",
                "lib/net10.0/Orchestrator.Client.xml",
            ],
            Files("*.nupkg")
        );
        Assert.Equal(["lib/net10.0/Orchestrator.Client.pdb"], Files("*.snupkg"));
    }

    [Fact]
    public async Task A_foreign_project_restores_it_compiles_ahead_of_time_without_a_warning_and_sees_a_task_through()
    {
        var folder = package.CopySample();
        var aot = CanLink() && ClientPackage.HasCompiler;
        var made = await ClientPackage.DotnetAsync(
            folder,
            [
                "publish",
                "-c",
                "Release",
                "-o",
                "out",
                "-r",
                ClientPackage.Runtime,
                "-warnaserror",
                $"-p:PublishAot={aot}",
            ]
        );
        Assert.True(made.ExitCode == 0, $"dotnet publish of the sample failed: {made.Output}");
        if (!aot)
        {
            TestContext.Current.AddWarning(
                "SKIPPED the compilation ahead of time: no C compiler here, or no package of ILCompiler. The sample ran under the JIT."
            );
        }

        using var process = Process.Start(
            new ProcessStartInfo(
                Path.Combine(folder, "out", OperatingSystem.IsWindows() ? "client.exe" : "client"),
                [
                    shared.Discovery.Address.ToString(),
                    shared.Discovery.Token,
                    "What does it do?",
                    Path.Combine(folder, "none"),
                ]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Deadline);

        // There is no such repository: the task's end came over the wire, and compiled code read it.
        Assert.Equal("", await error);
        Assert.StartsWith("Failed", await output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_without_Orleans_may_load_every_type_of_it()
    {
        var file = Path.Combine(SiloProcess.NewFolder(), "Orchestrator.Client.dll");
        using (var zip = ZipFile.OpenRead(Directory.GetFiles(package.Feed, "*.nupkg").Single()))
        {
            zip.GetEntry("lib/net10.0/Orchestrator.Client.dll")!.ExtractToFile(file);
        }
        var host = new Host();
        var types = host.LoadFromAssemblyPath(file).GetTypes();

        foreach (var type in types)
        {
            type.GetMembers();
            type.GetCustomAttributes(inherit: true);
        }

        Assert.Contains(types, t => t.FullName == typeof(TaskFact).FullName);
        Assert.DoesNotContain(types, t => t.Name == nameof(ITaskGrain));
        host.Unload();
    }

    private string[] Files(string pattern)
    {
        using var zip = ZipFile.OpenRead(Directory.GetFiles(package.Feed, pattern).Single());
        return
        [
            .. zip
                .Entries.Select(e => e.FullName)
                .Where(n =>
                    !n.EndsWith(".nuspec", StringComparison.Ordinal)
                    && n[0] is not ('_' or '[')
                    && !n.StartsWith("package/", StringComparison.Ordinal)
                )
                .Order(StringComparer.Ordinal),
        ];
    }

    private static bool CanLink() =>
        OperatingSystem.IsWindows()
        || (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(f => File.Exists(Path.Combine(f, "clang")) || File.Exists(Path.Combine(f, "gcc")));

    // Has the framework and the small package of attributes; all else of Orleans is missing.
    private sealed class Host() : AssemblyLoadContext(isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name!.StartsWith("Orleans", StringComparison.Ordinal)
            && assemblyName.Name != "Orleans.Serialization.Abstractions"
                ? throw new FileNotFoundException($"{assemblyName.Name} is not beside the client.")
                : null;
    }
}
