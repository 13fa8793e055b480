"""The `acc` command: its groups, and one way out for every error."""


from acc.cli import devnet, node, wallet
from acc.cli.group import Group
from acc.cli.output import EXIT_CODES, ExitCode, Output, end
from chain_engine.primitives.errors import ChainError

root = Group("The ACC chain: nodes, networks, keys, transactions.")
root.app.info.epilog = EXIT_CODES
root.app.info.no_args_is_help = True
root.app.add_typer(node.group.app, name="node")
root.app.add_typer(wallet.group.app, name="wallet")
root.command("devnet")(devnet.devnet)


def main(arguments: list[str] | None = None) -> None:
    """Run one command line and end the process with its exit code."""
    output = Output()
    try:
        root.app(arguments, obj=output, prog_name="acc")
    except ChainError as error:
        end(output.fail(error))
    except KeyboardInterrupt:
        end(ExitCode.INTERRUPTED)
