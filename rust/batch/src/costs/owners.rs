//! Which command each step of a run belongs to.

use std::collections::HashMap;

use zkperp_vm::Program;
use zkperp_vm::relocate::Run;

use super::CostsError;

/// The function of which every command has one frame, and which calls itself for the next command;
/// its last frame finds that none is left.
pub(super) const LOOP: &str = "execute_batch.execute_commands";

/// The number of the command that a step belongs to; none: the batch's own.
pub(super) type Owner = Option<u32>;

/// The owner of every step of a run of `commands` commands.
///
/// A step belongs to the innermost frame of [`LOOP`] above or at its own: a frame's callees are the
/// command's, the frame of the next command is not. Frames are known by their `fp`, which is unique
/// in a run: `ap` never goes back.
///
/// # Errors
/// [`CostsError::NoFunction`], [`CostsError::Frames`].
pub(super) fn owners(
    program: &Program,
    run: &Run,
    commands: usize,
) -> Result<Vec<Owner>, CostsError> {
    let label = program.labels().iter().find(|(_, name)| name == LOOP);
    let (offset, _) = label.ok_or(CostsError::NoFunction(LOOP))?;
    let entry = run.layout.program_base + offset;
    let mut frames: HashMap<u32, Owner> = HashMap::new();
    let mut outermost = u32::MAX;
    let (mut owner, mut fp) = (None, None);
    let mut owners = Vec::with_capacity(run.steps.len());
    for step in &run.steps {
        if step.pc == entry && !frames.contains_key(&step.fp) {
            let number = frames.len();
            owner = u32::try_from(number).ok().filter(|_| number < commands);
            frames.insert(step.fp, owner);
            outermost = outermost.min(step.fp);
        } else if fp != Some(step.fp) {
            // Back in a frame, or in a callee's, which is its caller's still.
            match frames.get(&step.fp) {
                Some(of_frame) => owner = *of_frame,
                None if step.fp < outermost => owner = None,
                None => {}
            }
        }
        fp = Some(step.fp);
        owners.push(owner);
    }
    if frames.len() == commands + 1 {
        Ok(owners)
    } else {
        Err(CostsError::Frames {
            function: LOOP,
            entered: frames.len(),
            commands,
        })
    }
}
