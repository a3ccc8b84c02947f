using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

public sealed class WindowsCommandLineTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "\"\"")]
    [InlineData("a b", "\"a b\"")]
    [InlineData("say \"hi\"", "\"say \\\"hi\\\"\"")]
    [InlineData(@"C:\dir\", @"C:\dir\")]
    [InlineData(@"C:\my dir\", "\"C:\\my dir\\\\\"")]
    [InlineData("a\\\"b", "\"a\\\\\\\"b\"")]
    public void Arguments_are_quoted_as_the_c_runtime_reads_them_back(
        string argument,
        string expected
    ) =>
        Assert.Equal(
            "\"C:\\x\\claude.exe\" -p " + expected,
            WindowsCommandLine.Write(@"C:\x\claude.exe", ["-p", argument])
        );

    [Fact]
    public void The_command_interpreter_gets_its_line_as_it_is() =>
        Assert.Equal(
            "\"C:\\cmd.exe\" /d /s /c \"dotnet test \"a b\"\"",
            WindowsCommandLine.Write(@"C:\cmd.exe", ["/d", "/s", "/c"], "\"dotnet test \"a b\"\"")
        );

    [Fact]
    public void Variables_are_sorted_without_case_and_doubly_ended() =>
        Assert.Equal(
            "a=1\0B=2\0c=\0\0",
            WindowsCommandLine.Variables(
                new Dictionary<string, string>
                {
                    ["c"] = "",
                    ["B"] = "2",
                    ["a"] = "1",
                }
            )
        );
}
