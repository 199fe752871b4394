//! Each AIR as data: constraints and bus messages as one graph of field operations.
//!
//! The graph feeds two readers: the fingerprint that the transcript starts from, and the
//! generator of the Solidity verifier. Numbering is by first visit, so equal AIRs give equal
//! graphs on every build.

use std::collections::HashMap;
use std::sync::Arc;

use p3_air::symbolic::{AirLayout, BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_air::{Air, BaseAir};
use p3_field::PrimeField64;
use p3_lookup::InteractionSymbolicBuilder;
use zkperp_field::F;

use crate::config::EF;
use crate::keccak::{Digest, keccak256};
use crate::shape::{ShapeError, Statement, encode_size};

/// An AIR this crate can describe, prove and verify.
pub trait StatementAir: BaseAir<F> + Air<InteractionSymbolicBuilder<F, EF>> {}

impl<A: BaseAir<F> + Air<InteractionSymbolicBuilder<F, EF>>> StatementAir for A {}

/// Index of a node in its AIR's graph.
pub type NodeId = u32;

/// One value of the graph. Operands always have smaller indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A field constant, canonical.
    Constant(u64),
    /// A committed column at the current row.
    Current(u32),
    /// A committed column at the next row; the last row is its own successor.
    Next(u32),
    /// A periodic column at the current row.
    Periodic(u32),
    /// 1 on the first row, 0 on all others.
    First,
    /// 1 on the last row, 0 on all others.
    Last,
    /// 0 on the last row, 1 on all others.
    Transition,
    /// Sum.
    Add(NodeId, NodeId),
    /// Difference.
    Sub(NodeId, NodeId),
    /// Product.
    Mul(NodeId, NodeId),
    /// Negation.
    Neg(NodeId),
}

/// A periodic column: its values repeat with a power-of-two period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Periodic {
    /// The statement's public values; not part of the AIR's identity.
    Public,
    /// Constants of the AIR.
    Constant(Vec<F>),
}

/// A message on a bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// Name of the bus.
    pub bus: String,
    /// The tuple sent.
    pub fields: Vec<NodeId>,
    /// Signed count: positive asks, negative provides.
    pub count: NodeId,
    /// Declared bound of the count's magnitude; 0 for provided entries.
    pub weight: u32,
}

/// One AIR, extracted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AirDag {
    /// Committed columns.
    pub width: usize,
    /// Columns whose next row is opened, in opening order.
    pub next_columns: Vec<usize>,
    /// Periodic columns in order.
    pub periodic: Vec<Periodic>,
    /// The graph, operands first.
    pub nodes: Vec<Node>,
    /// Constraints in emission order, each to be zero.
    pub constraints: Vec<NodeId>,
    /// Bus messages in emission order.
    pub interactions: Vec<Interaction>,
    /// Largest degree of a constraint, the AIR's own hint included.
    pub constraint_degree: usize,
    /// Largest degree of a bus field or count; 0 without interactions.
    pub interaction_degree: usize,
}

impl AirDag {
    /// Extracts every AIR of a statement.
    ///
    /// # Errors
    /// [`ShapeError::Feature`] for what this crate refuses.
    pub fn extract_all<A: StatementAir>(
        statement: &Statement<'_, A>,
    ) -> Result<Vec<Self>, ShapeError> {
        let public = statement.public.map(|public| (public.table, public.column));
        let extract = |(table, air)| {
            let public_column = public.and_then(|(t, c)| (t == table).then_some(c));
            Self::extract(air, public_column)
                .map_err(|feature| ShapeError::Feature { table, feature })
        };
        statement.airs.iter().enumerate().map(extract).collect()
    }

    /// Extracts one AIR; `public_column` is the periodic column that carries public values.
    ///
    /// # Errors
    /// The name of a feature this crate refuses.
    pub fn extract<A: StatementAir>(
        air: &A,
        public_column: Option<usize>,
    ) -> Result<Self, &'static str> {
        let layout = AirLayout::from_air::<F>(air);
        let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, layout);
        if !builder.local_interactions().is_empty() {
            return Err("a local lookup");
        }
        if !builder.exclusive_interactions().is_empty() {
            return Err("an exclusive lookup");
        }
        if !builder.indexed_reads().is_empty() || !builder.indexed_tables().is_empty() {
            return Err("an indexed lookup");
        }
        if !builder.extension_constraints().is_empty() {
            return Err("an extension-field constraint");
        }
        if !air.public_boundary_io().is_empty() {
            return Err("a public boundary cell");
        }
        let mut graph = Graph::default();
        let mut constraint_degree = 0;
        let mut constraints = Vec::new();
        for constraint in builder.base_constraints() {
            constraint_degree = constraint_degree.max(constraint.poly_degree(2, &[]));
            constraints.push(graph.visit(constraint)?);
        }
        if !constraints.is_empty() {
            let hint = BaseAir::<F>::max_constraint_degree(air).unwrap_or(0);
            constraint_degree = constraint_degree.max(hint);
        }
        let mut interaction_degree = 0;
        let mut interactions = Vec::new();
        for message in builder.global_interactions() {
            for part in message.fields.iter().chain([&message.count]) {
                interaction_degree = interaction_degree.max(part.poly_degree(2, &[]));
            }
            let fields = message.fields.iter().map(|f| graph.visit(f.clone()));
            interactions.push(Interaction {
                bus: message.bus_name.clone(),
                fields: fields.collect::<Result<_, _>>()?,
                count: graph.visit(message.count.clone())?,
                weight: message.count_weight,
            });
        }
        let columns = BaseAir::<F>::periodic_columns(air);
        let periodic = columns.iter().enumerate().map(|(i, values)| {
            if Some(i) == public_column {
                Periodic::Public
            } else {
                Periodic::Constant(values.clone())
            }
        });
        Ok(Self {
            width: BaseAir::<F>::width(air),
            next_columns: BaseAir::<F>::main_next_row_columns(air),
            periodic: periodic.collect(),
            nodes: graph.nodes,
            constraints,
            interactions,
            constraint_degree,
            interaction_degree,
        })
    }

    /// Canonical bytes: every field in declaration order, sizes 4 bytes big-endian, nodes as a
    /// tag byte and operands.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let size = |out: &mut Vec<u8>, value: usize| out.extend(encode_size(value));
        size(&mut out, self.width);
        size(&mut out, self.next_columns.len());
        self.next_columns.iter().for_each(|&c| size(&mut out, c));
        size(&mut out, self.periodic.len());
        for column in &self.periodic {
            match column {
                Periodic::Public => size(&mut out, 0),
                Periodic::Constant(values) => {
                    size(&mut out, values.len());
                    out.extend(
                        values
                            .iter()
                            .flat_map(|v| v.as_canonical_u64().to_be_bytes()),
                    );
                }
            }
        }
        size(&mut out, self.nodes.len());
        self.nodes
            .iter()
            .for_each(|node| encode_node(node, &mut out));
        size(&mut out, self.constraints.len());
        self.constraints
            .iter()
            .for_each(|&c| out.extend(c.to_be_bytes()));
        size(&mut out, self.interactions.len());
        for message in &self.interactions {
            size(&mut out, message.bus.len());
            out.extend(message.bus.as_bytes());
            size(&mut out, message.fields.len());
            message
                .fields
                .iter()
                .for_each(|&f| out.extend(f.to_be_bytes()));
            out.extend(message.count.to_be_bytes());
            out.extend(message.weight.to_be_bytes());
        }
        size(&mut out, self.constraint_degree);
        size(&mut out, self.interaction_degree);
        out
    }
}

/// Keccak-256 over the canonical bytes of all tables' AIRs, in order.
#[must_use]
pub fn fingerprint(airs: &[AirDag]) -> Digest {
    let mut bytes = encode_size(airs.len()).to_vec();
    airs.iter().for_each(|air| bytes.extend(air.encode()));
    keccak256(&bytes)
}

fn encode_node(node: &Node, out: &mut Vec<u8>) {
    let mut put = |tag: u8, operands: &[u32]| {
        out.push(tag);
        operands.iter().for_each(|o| out.extend(o.to_be_bytes()));
    };
    match *node {
        Node::Constant(value) => {
            put(0, &[]);
            out.extend(value.to_be_bytes());
        }
        Node::Current(column) => put(1, &[column]),
        Node::Next(column) => put(2, &[column]),
        Node::Periodic(column) => put(3, &[column]),
        Node::First => put(4, &[]),
        Node::Last => put(5, &[]),
        Node::Transition => put(6, &[]),
        Node::Add(a, b) => put(7, &[a, b]),
        Node::Sub(a, b) => put(8, &[a, b]),
        Node::Mul(a, b) => put(9, &[a, b]),
        Node::Neg(a) => put(10, &[a]),
    }
}

/// Builds the graph; equal subexpressions become one node.
#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
    ids: HashMap<Node, NodeId>,
    /// Shared subtrees already visited, by address; the roots below keep them alive.
    visited: HashMap<*const SymbolicExpression<F>, NodeId>,
    roots: Vec<Arc<SymbolicExpression<F>>>,
}

impl Graph {
    fn visit(&mut self, expression: SymbolicExpression<F>) -> Result<NodeId, &'static str> {
        let root = Arc::new(expression);
        self.roots.push(Arc::clone(&root));
        self.visit_shared(&root)
    }

    fn visit_shared(
        &mut self,
        expression: &Arc<SymbolicExpression<F>>,
    ) -> Result<NodeId, &'static str> {
        let address = Arc::as_ptr(expression);
        if let Some(&id) = self.visited.get(&address) {
            return Ok(id);
        }
        let node = match &**expression {
            SymbolicExpr::Leaf(leaf) => leaf_node(leaf)?,
            SymbolicExpr::Add { x, y, .. } => {
                Node::Add(self.visit_shared(x)?, self.visit_shared(y)?)
            }
            SymbolicExpr::Sub { x, y, .. } => {
                Node::Sub(self.visit_shared(x)?, self.visit_shared(y)?)
            }
            SymbolicExpr::Mul { x, y, .. } => {
                Node::Mul(self.visit_shared(x)?, self.visit_shared(y)?)
            }
            SymbolicExpr::Neg { x, .. } => Node::Neg(self.visit_shared(x)?),
        };
        let id = self.intern(node);
        self.visited.insert(address, id);
        Ok(id)
    }

    fn intern(&mut self, node: Node) -> NodeId {
        let next = NodeId::try_from(self.nodes.len()).expect("Invariant: an AIR is small");
        *self.ids.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            next
        })
    }
}

fn leaf_node(leaf: &BaseLeaf<F>) -> Result<Node, &'static str> {
    Ok(match leaf {
        BaseLeaf::Constant(value) => Node::Constant(value.as_canonical_u64()),
        BaseLeaf::IsFirstRow => Node::First,
        BaseLeaf::IsLastRow => Node::Last,
        BaseLeaf::IsTransition => Node::Transition,
        BaseLeaf::Variable(variable) => {
            let index = u32::try_from(variable.index).map_err(|_| "so many columns")?;
            match variable.entry {
                BaseEntry::Main { offset: 0 } => Node::Current(index),
                BaseEntry::Main { .. } => Node::Next(index),
                BaseEntry::Periodic => Node::Periodic(index),
                BaseEntry::Public => return Err("a public value"),
                BaseEntry::Preprocessed { .. } => return Err("a preprocessed column"),
            }
        }
    })
}
