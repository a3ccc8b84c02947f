using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Deploy;

/// <summary>The scripts of deploy parse, and keep to the rules; and each rule finds what it is for.</summary>
public sealed class PowerShellLintTests
{
    private const string Shared = "deploy/windows/Orchestrator.Deploy.ps1";

    [Fact]
    public void Every_script_parses_and_keeps_to_the_rules()
    {
        var scripts = Scripts();
        var shared = PowerShellLint.FunctionNames(Repository.Read(Shared)).ToList();

        Assert.Contains("deploy/windows/Install-Orchestrator.ps1", scripts);
        Assert.Contains("deploy/windows/Remove-Orchestrator.ps1", scripts);
        Assert.NotEmpty(shared);
        Assert.Empty(
            scripts.SelectMany(f =>
                PowerShellLint.Findings(Repository.Read(f), shared).Select(w => $"{f}, line {w}")
            )
        );
    }

    [Fact]
    public void Every_script_stops_at_its_first_error()
    {
        Assert.Contains("$ErrorActionPreference = 'Stop'", Repository.Read(Shared));
        Assert.Contains("Set-StrictMode -Version", Repository.Read(Shared));
        Assert.All(
            Scripts().Where(f => f != Shared),
            f =>
                Assert.True(
                    Repository.Read(f).Contains("'Orchestrator.Deploy.ps1'")
                        || Repository.Read(f).Contains("$ErrorActionPreference = 'Stop'"),
                    f
                )
        );
    }

    [Theory]
    [InlineData("function Get-A { 'x'", "syntax")]
    [InlineData("Get-Service a && Get-Service b", "&&")]
    [InlineData("$a = $b ?? 1", "??")]
    [InlineData("$b = $true; $a = $b ? 1 : 2", "ternary")]
    [InlineData("${a}?.Length", "?.")]
    [InlineData("gsv x", "'gsv' is no known command")]
    [InlineData("Invoke-Expression 'x'", "'Invoke-Expression' is no known command")]
    [InlineData("Write-Host x", "'Write-Host' is no known command")]
    [InlineData("$p = 'x'; & $p", "run by name")]
    [InlineData("param([string]$DbPassword) $DbPassword", "secret as plain text")]
    [InlineData("param($ConnectionString) $ConnectionString", "secret as plain text")]
    [InlineData("param([string]$Folder) 'x'", "$Folder is not used")]
    [InlineData("function Get-A { 'x' }", "no synopsis")]
    [InlineData("function Grab-A { <#\n.SYNOPSIS\nx\n#> 'x' }", "no verb used here")]
    [InlineData(
        "function Remove-A { <#\n.SYNOPSIS\nx\n#> [CmdletBinding()] param() 'x' }",
        "ignores -WhatIf"
    )]
    [InlineData(
        "function Remove-A { <#\n.SYNOPSIS\nx\n#> [CmdletBinding(SupportsShouldProcess)] param() 'x' }",
        "ignores -WhatIf"
    )]
    [InlineData("'caf\u00e9'", "not ASCII")]
    public void A_script_that_breaks_a_rule_is_found(string script, string words) =>
        Assert.Contains(
            PowerShellLint.Findings(script, []),
            f => f.Contains(words, StringComparison.Ordinal)
        );

    [Fact]
    public void A_script_that_keeps_to_the_rules_has_no_findings() =>
        Assert.Empty(
            PowerShellLint.Findings(
                """
                function Remove-A {
                    <#
                    .SYNOPSIS
                    Removes it.
                    #>
                    [CmdletBinding(SupportsShouldProcess)]
                    param([string]$Name, [securestring]$Password)
                    if ($PSCmdlet.ShouldProcess($Name)) { Stop-Service $Name; $Password.Length }
                }
                Remove-A x
                """,
                []
            )
        );

    // The tests' stand-ins are no script that anybody runs.
    private static List<string> Scripts() =>
        [.. Repository.Files(".ps1").Where(f => !f.StartsWith("tests/", StringComparison.Ordinal))];
}
